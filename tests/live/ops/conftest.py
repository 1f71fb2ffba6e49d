"""The shared cluster with Velero and Prometheus on it, and the platform, which both look after."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.live.ops.watching import NAMESPACE
from tests.live.support import Release

from carbon import images
from carbon.cluster import access, lifecycle, parts
from carbon.cluster.layout import layout
from carbon.platform.target import Target

VALUES = Path(__file__).parent / "platform.yaml"


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Iterator[Target]:
    """The local cluster with the add-ons, which go at the end if they were not there before."""
    images.load(images.archives(images.needed_by("ops")), access.ctr)
    before = parts.installed(layout())
    with ExitStack() as added:
        for name in ("prometheus", "velero"):
            if name not in before:
                added.callback(lifecycle.remove, name)
                lifecycle.add(name)
        yield cluster


@pytest.fixture(scope="session")
def release(cluster: Target) -> Iterator[Release]:
    """The quickstart with backups and monitoring."""
    node = access.running()
    assert node
    store = f"backup.locations.node.config.s3Url=http://{node.addresses.node}:7070"
    with Release(NAMESPACE) as made:
        made.install("helm", "--values", str(VALUES), "--set", store)
        yield made
