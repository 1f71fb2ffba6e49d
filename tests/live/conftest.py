"""The local cluster that live tests share; each test module creates its own namespace."""

from collections.abc import Iterator

import pytest
from tests.live.own_cluster import start_cluster

from carbon.platform.target import Target


@pytest.fixture(scope="session")
def cluster() -> Iterator[Target]:
    """The tests' own local cluster with the images of the tier `core`."""
    with start_cluster() as target:
        yield target
