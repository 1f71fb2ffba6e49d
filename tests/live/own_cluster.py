"""The local cluster of the tests and benchmarks, beside the one that `tools/up` starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from carbon.cluster import access, lifecycle
from carbon.platform.target import Target, get_target


def select_cluster() -> None:
    """Let all commands use the cluster of the tests: `tests`, or `$CARBON_TEST_CLUSTER`.

    With different names, two runs of tests on one machine do not share a node.
    """
    os.environ["CARBON_CLUSTER"] = os.environ.get("CARBON_TEST_CLUSTER") or "tests"


@contextmanager
def start_cluster() -> Iterator[Target]:
    """Start the cluster `tests` with the images of the tier `core`; delete it at the end.

    A platform that `tools/up` started keeps its own node, so its pods' requests take no CPU from
    the node of the tests. If the cluster `tests` runs already, such as after
    `CARBON_CLUSTER=tests carbon cluster up`, it is used and not deleted.
    """
    select_cluster()
    runs = access.read_state() is not None
    try:
        if not runs:
            lifecycle.down(delete_data=True)
        lifecycle.up("core")
        yield get_target(None)
    finally:
        if not runs:
            lifecycle.down(delete_data=True)
