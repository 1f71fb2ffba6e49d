"""Stand-in images of the tier `mesh` have user, PATH and programs of the upstream images."""

import pytest
from tests.live.stand_ins import compare, list_stand_ins


@pytest.mark.parametrize("name", list_stand_ins("mesh"))
def test_a_stand_in_image_has_user_path_and_programs_of_its_upstream_image(name: str) -> None:
    assert compare(name) == []
