"""The upgrade from release 0.1.0 with embedded stores by Helm 4, and the way back, under load.

Requests fail only while the only pod of a store is replaced. No acknowledged write is lost.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.ray.support import RayRelease
from tests.live.support import RELEASE, wait
from tests.live.upgrade.data import PACKAGE, Data
from tests.live.upgrade.load import is_upgraded, read_history, under_load, upgrade

from carbon import images
from carbon.cluster import access
from carbon.platform.target import Target

VALUES = ("--values", str(Path(__file__).parent / "first_release.yaml"))
COUNTED = ("configmaps", "secrets", "services", "persistentvolumeclaims", "pods")
QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "objects"},
    "spec": {"hard": {f"count/{kind}": "100" for kind in COUNTED}},
}
"""A quota of objects: the API server refuses a creation that conflicts with another one's count."""


@pytest.fixture
def release(cluster: Target) -> Iterator[RayRelease]:
    images.load_archives(images.ensure_archives(["redis"]), access.run_ctr)
    with RayRelease("first-release") as release:
        yield release


def deploy(release: RayRelease) -> None:
    """Deploy an application of Ray Serve."""
    assert release.wait_for_result(release.start_ray_client("ray_deploy.py")) == {"deployed": True}


def test_all_data_survive_the_upgrade_from_the_first_release_and_the_way_back(
    release: RayRelease,
) -> None:
    data = Data(release)
    release.kubectl("create", "namespace", "first-release")
    release.kubectl("create", "-f", "-", stdin=json.dumps(QUOTA))
    release.run_helm("helm", "install", RELEASE, str(PACKAGE), *VALUES, timeout="8m")
    data.write("DE-LU")
    first = data.count()
    number = first["MLflow"]["experiments"]
    print("0.1.0:", first)

    deploy(release)
    with under_load(release, "upgrade") as load:
        done = upgrade(release, "--yes")
        assert done.returncode == 0, done.stdout
    load.check_writes()
    load.check_failures_in_outages()
    assert is_upgraded(release)
    assert data.count(number) == first
    data.read_price("DE-LU")
    data.write("FR")
    second = data.count(number)
    assert second["Redis"] != first["Redis"]

    revisions = read_history(release)
    refused = upgrade(release, "0.1.0")
    assert refused.returncode == 4, refused.stdout
    assert "does not read these data" in refused.stdout
    assert "redis-log" in refused.stdout
    assert "mlflow-gateway-keys" in refused.stdout
    assert read_history(release) == revisions

    data.run_redis("bgrewriteaof")  # docs/redis-to-valkey.md
    wait(
        "the rewritten append-only file",
        lambda: "aof_rewrite_in_progress:0" in data.run_redis("info", "persistence"),
    )
    deploy(release)  # the head of the version before had the application
    with under_load(release, "rollback", "FR") as load:
        release.run_helm("helm", "rollback", RELEASE, "1", "--force-conflicts", timeout="8m")
    load.check_writes()
    load.check_failures_in_outages()
    assert not is_upgraded(release)
    assert data.count(number) == second
    for zone in ("DE-LU", "FR"):
        data.read_price(zone)
