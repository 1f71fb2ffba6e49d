"""The local cluster of the tests and benchmarks, beside the one that `tools/up` starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from carbon.cluster import access, lifecycle
from carbon.platform.target import Target, get_target


@contextmanager
def start_cluster() -> Iterator[Target]:
    """Start the cluster `tests` with the images of the tier `core`; delete it at the end.

    A platform that `tools/up` started keeps its own node, so its pods' requests take no CPU from
    the node of the tests. If the cluster `tests` runs already, such as after
    `CARBON_CLUSTER=tests carbon cluster up`, it is used and not deleted.
    """
    os.environ["CARBON_CLUSTER"] = "tests"
    runs = access.read_state() is not None
    try:
        if not runs:
            lifecycle.down(delete_data=True)
        lifecycle.up("core")
        yield get_target(None)
    finally:
        if not runs:
            lifecycle.down(delete_data=True)
