"""Stand-ins of the tier `ops` are as strict as the upstream images."""

import pytest
from tests.live.stand_ins import compare, list_stand_ins


@pytest.mark.parametrize("name", list_stand_ins("ops"))
def test_a_stand_in_has_the_user_the_path_and_the_programs_of_its_upstream_image(name: str) -> None:
    assert compare(name) == []
