"""The real cluster that live tests share; each makes its own namespace on it."""

from collections.abc import Iterator

import pytest

from carbon.cluster import access, lifecycle
from carbon.platform.target import Target, get_target


@pytest.fixture(scope="session")
def cluster() -> Iterator[Target]:
    """The local cluster with the core images; stopped at the end if it was not up before."""
    was_up = access.read_state() is not None
    try:
        lifecycle.up("core")
        yield get_target(None)
    finally:
        if not was_up:
            lifecycle.stop()
