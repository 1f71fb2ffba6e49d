"""Runs the tests in tests/live/ray/cases.py on a Ray cluster with `mode: standalone`.

The suite of tests/live/ray runs the same tests with `mode: kuberay`.
"""

from collections.abc import Callable, Iterator

import pytest
from tests.live.ray import cases
from tests.live.ray.support import NAMED, SMALL, RayRelease

from carbon.charts.merging import merge
from carbon.platform.target import Target


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[RayRelease]:
    with RayRelease("ray-standalone") as release:
        release.deploy(merge(SMALL, NAMED))
        yield release


@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.__name__)
def test_a_standalone_ray_cluster_passes_the_tests_of_cases_py(
    release: RayRelease, case: Callable[[RayRelease], None]
) -> None:
    release.wait_for_nodes(heads=1, workers=1)
    case(release)
