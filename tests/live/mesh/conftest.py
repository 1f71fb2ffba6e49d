"""The local cluster with a mesh by Istio."""

from collections.abc import Iterator

import pytest
from tests.live.add_ons import add_addons

from carbon.platform.target import Target


@pytest.fixture(scope="session")
def mesh(cluster: Target) -> Iterator[Target]:
    """The local cluster with the add-on; removed at the end unless it was installed before."""
    with add_addons("istio"):
        yield cluster
