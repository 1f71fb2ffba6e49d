"""A release of 0.1.0 that Helm 3 has made, with stores outside of the release: upgrades under load.

No request to MLflow or Feast fails, also in upgrades that fail. The tests run in this order.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.support import RELEASE, Release, wait
from tests.live.upgrade.data import PACKAGE, Data
from tests.live.upgrade.load import (
    build_command,
    is_upgraded,
    read_history,
    under_load,
    upgrade,
)

from carbon.charts.merging import merge
from carbon.charts.quantities import parse_quantity
from carbon.files import read_yaml
from carbon.platform.target import Target
from carbon.upgrade.difference.live import Stored, read_release

FILE = Path(__file__).parent / "outside.yaml"
NAMESPACE = "outside"
TINY = {"requests": {"memory": "32Mi"}, "limits": {"memory": "48Mi"}}
FAILURES: dict[str, tuple[dict[str, Any], int, str]] = {
    "refused values": ({"mlflow": {"replica": 3}}, 3, "carbon migrate-values"),
    "missing image": ({"mlflow": {"image": {"tag": "none"}}}, 1, "can't be pulled"),
    "failing migration": (
        {"mlflow": {"migration": {"backoffLimit": 1, "resources": TINY}}},
        1,
        "the log of Job mlflow-migration-",
    ),
}
"""What fails -> the values, the exit status, and a part of the message."""
ROOM = 400 * 2**20
"""Bytes that a full quota leaves: enough for a Job, but not for a server of MLflow or Feast."""


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release(NAMESPACE) as release:
        stores = ("install", "stores", "charts/data-services", "--create-namespace")
        done = release.helm("helm", *stores, "--wait", "--timeout", "5m")
        assert done.returncode == 0, done.stderr
        select = "app.kubernetes.io/instance=stores"
        release.kubectl("wait", "--for=condition=Complete", "jobs", "-l", select, "--timeout=5m")
        values = ("--values", str(FILE))
        release.run_helm("helm3", "install", RELEASE, str(PACKAGE), *values, timeout="8m")
        Data(release).write("DE-LU")
        yield release


def test_helm_3_upgrades_and_rolls_back_without_a_failed_request(release: Release) -> None:
    with under_load(release, "upgrade and rollback by Helm 3") as load:
        values = ("--values", str(FILE))
        release.run_helm("helm3", "upgrade", RELEASE, "umbrella/", *values, timeout="8m")
        assert is_upgraded(release)
        release.run_helm("helm3", "rollback", RELEASE, "1", timeout="8m")
    assert not is_upgraded(release)
    load.check_no_failure()


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_upgrade_leaves_the_version_before_serving(
    release: Release, tmp_path: Path, name: str
) -> None:
    change, status, message = FAILURES[name]
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(merge(read_yaml(FILE), change)))
    revisions = len(read_history(release))
    with under_load(release, name) as load:
        done = upgrade(release, "--yes", "--values", str(file))
    assert done.returncode == status, done.stdout
    assert message in done.stdout
    if status == 1:
        assert "is rolled back to revision" in done.stdout
        assert "same command again" in done.stdout
    else:
        assert len(read_history(release)) == revisions
    _check_serving(release)
    load.check_no_failure()


def test_a_full_quota_leaves_the_version_before_serving(release: Release) -> None:
    with under_load(release, "full quota") as load:
        _limit_memory(release, "1Ti")
        wait("the quota's count", lambda: _read_used_memory(release) > 0)
        _limit_memory(release, str(_read_used_memory(release) + ROOM))
        try:
            done = upgrade(release, "--yes")
        finally:
            release.kubectl("delete", "resourcequota", "full")
    assert done.returncode == 1, done.stdout
    assert "exceeded quota: full" in done.stdout
    assert "Raise the ResourceQuota" in done.stdout
    assert "is rolled back to revision" in done.stdout
    _check_serving(release)
    load.check_no_failure()


def test_a_killed_upgrade_is_repeated_and_helm_4_converts_the_release(
    release: Release, cluster: Target
) -> None:
    with under_load(release, "killed and repeated by Helm 4") as load:
        with subprocess.Popen(build_command(release, "--yes"), start_new_session=True) as killed:
            wait("the new Deployment", lambda: is_upgraded(release), 300)
            killed.kill()
        assert read_history(release)[-1]["status"] == "pending-upgrade"
        done = upgrade(release, "--yes")
        assert done.returncode == 0, done.stdout
    assert "an earlier command was killed" in done.stdout
    assert is_upgraded(release)
    load.check_no_failure()

    def read() -> Stored:
        return read_release(replace(cluster, namespace=NAMESPACE), RELEASE)

    assert not read().server_side, "an upgrade by Helm 4 keeps client-side apply"
    convert = ("--reset-then-reuse-values", "--server-side=true", "--force-conflicts")
    before = release.list_restarts()
    release.run_helm("helm", "upgrade", RELEASE, "umbrella/", *convert)
    after = release.list_restarts()
    assert {pod: after.get(pod) for pod in before} == before
    assert read().server_side
    release.kubectl("scale", "deployment/mlflow", "--replicas=3")  # takes over a field
    again = upgrade(release)
    assert again.returncode == 0, again.stdout
    [mlflow] = [d for d in release.get("deployments") if d["metadata"]["name"] == "mlflow"]
    assert mlflow["spec"]["replicas"] == 2


def _check_serving(release: Release) -> None:
    """Check that the newest revision is deployed, and is that of release 0.1.0."""
    assert read_history(release)[-1]["status"] == "deployed"
    assert not is_upgraded(release)


def _limit_memory(release: Release, amount: str) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}}
    text = yaml.safe_dump(quota | {"spec": {"hard": {"requests.memory": amount}}})
    release.kubectl("apply", "-f", "-", stdin=text)


def _read_used_memory(release: Release) -> int:
    """Return the bytes that the pods of the namespace request, 0 if they are not counted yet."""
    [quota] = [q for q in release.get("resourcequotas") if q["metadata"]["name"] == "full"]
    return int(parse_quantity(quota.get("status", {}).get("used", {}).get("requests.memory", "0")))
