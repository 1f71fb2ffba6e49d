"""A Ray cluster from plain objects: the cases that hold in either mode."""

from collections.abc import Callable, Iterator

import pytest
from tests.live.ray import cases
from tests.live.ray.support import SMALL, Rays

from carbon.platform.target import Target


@pytest.fixture(scope="module")
def rays(cluster: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rays]:
    with Rays("ray-standalone") as made:
        made.deploy(tmp_path_factory.mktemp("values"), SMALL)
        yield made


@pytest.mark.parametrize("holds", cases.ALL, ids=lambda case: case.__name__)
def test_standalone(rays: Rays, holds: Callable[[Rays], None]) -> None:
    rays.await_nodes(heads=1, workers=1)
    holds(rays)
