"""The local cluster that live tests share; each test module creates its own namespace."""

from collections.abc import Iterator

import pytest

from carbon.cluster import access, lifecycle
from carbon.platform.target import Target, get_target


@pytest.fixture(scope="session")
def cluster() -> Iterator[Target]:
    """The local cluster with the images of the tier `core`; stopped if it did not run before."""
    was_up = access.read_state() is not None
    try:
        lifecycle.up("core")
        yield get_target(None)
    finally:
        if not was_up:
            lifecycle.stop()
