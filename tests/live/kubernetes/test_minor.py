"""A node with Kubernetes 1.36 is updated to the pinned version beneath a release.

The first run builds Kubernetes 1.36, which takes about 25 minutes on 2 cores.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.own_cluster import select_cluster
from tests.live.support import RELEASE, Release, wait
from tests.live.upgrade.data import Data
from tests.live.upgrade.load import upgrade

from carbon import externals
from carbon.cluster import lifecycle
from carbon.externals.table import OLDER
from carbon.platform.target import get_target
from carbon.platform.workloads import read_snapshot

MINOR = "1.36"
NAMESPACE = "minor"
VALUES = (
    *("--values", str(Path(__file__).parents[1] / "upgrade" / "first_release.yaml")),
    *("--set", "ray-cluster.enabled=false"),
)


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """A release on a node with the older Kubernetes; the node is deleted at the end."""
    select_cluster()
    use_kubernetes(monkeypatch, MINOR)
    lifecycle.down(delete_data=True)
    try:
        lifecycle.up("core")
        release = Release(NAMESPACE)
        release.run_helm(
            "helm", "install", RELEASE, "umbrella/", "--create-namespace", *VALUES, timeout="8m"
        )
        yield release
    finally:
        use_kubernetes(monkeypatch, "")
        lifecycle.down(delete_data=True)


def use_kubernetes(monkeypatch: pytest.MonkeyPatch, minor: str) -> None:
    """Select the Kubernetes of the next start of the node; without `minor`, the pinned one."""
    monkeypatch.setenv(OLDER, minor)
    externals.table.cache_clear()


def read_versions(release: Release) -> set[str]:
    """Return the minor versions of the API server and of the kubelet."""
    [node] = release.get("nodes")
    about = release.kubectl("version", "--output=yaml")
    server = about.partition("serverVersion:")[2].partition("gitVersion: v")[2].splitlines()[0]
    kubelet = node["status"]["nodeInfo"]["kubeletVersion"].removeprefix("v")
    return {".".join(each.split(".")[:2]) for each in (server, kubelet)}


def are_ready() -> bool:
    """Return whether all workloads of the release are Ready."""
    statuses = read_snapshot(get_target(None, NAMESPACE)).build_statuses()
    return bool(statuses) and all(each.ready for each in statuses)


def test_a_release_keeps_its_data_when_kubernetes_is_updated(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Data(release)
    assert read_versions(release) == {MINOR}
    data.write("DE-LU")
    before = data.count()
    number = before["MLflow"]["experiments"]
    lifecycle.stop()
    use_kubernetes(monkeypatch, "")
    lifecycle.up("core")
    pinned = externals.table()["kubernetes"].version
    assert read_versions(release) == {".".join(pinned.split(".")[:2])}
    wait("the workloads", are_ready, 420)
    assert data.count(number) == before
    release.run_tests()
    done = upgrade(release)
    assert done.returncode == 0, done.stdout
    data.write("FR")
    data.read_price("DE-LU")
