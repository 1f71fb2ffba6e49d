"""Stand-in images of the tier `core` have user, PATH and programs of the upstream images."""

import pytest
from tests.live.archives import Identity
from tests.live.stand_ins import compare, list_stand_ins, read_image


@pytest.mark.parametrize("name", list_stand_ins("core"))
def test_a_stand_in_image_has_user_path_and_programs_of_its_upstream_image(name: str) -> None:
    assert compare(name) == []


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (Identity(1000, {100}), True),
        (Identity(1000, {1000}), True),
        (Identity(2000, {100}), True),
        (Identity(2000, {2000}), False),
        (Identity(2000, {0}), False),
    ],
    ids=str,
)
@pytest.mark.parametrize("program", ["ray", "python"])
def test_only_the_user_1000_and_the_group_100_find_ray(
    who: Identity, found: bool, program: str
) -> None:
    place = f"/home/ray/anaconda3/bin/{program}" if found else None
    assert read_image("ray").find_program(program, who) == place
