"""The life of the quickstart under Argo CD, with its real pods."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.live.argocd import ArgoCd, describe, list_unsynced
from tests.live.charts_repository import REFUSED, ChartsRepository
from tests.live.gitops.conftest import VALUES, Platform
from tests.live.support import check_logged_runs, wait

from carbon.gitops.plan import build_plan

NAMESPACE = "gitops"


@pytest.fixture(scope="module")
def installed(argo: ArgoCd, charts: ChartsRepository) -> Iterator[Platform]:
    """The quickstart, as the first sync from a bare repository created it."""
    plan = build_plan(charts.source, namespace=NAMESPACE)
    with Platform(argo, plan) as platform:
        start = time.monotonic()
        argo.install(plan)
        argo.wait_for_health(charts.first)
        print(f"Synced and Healthy after {time.monotonic() - start:.0f} s")
        yield platform


@pytest.fixture
def platform(installed: Platform, charts: ChartsRepository) -> Iterator[Platform]:
    """The quickstart; after a test, the first commit is synced again."""
    yield installed
    installed.roll_out(charts.restore())


def write_one(platform: Platform) -> str:
    """Log a run to MLflow; return its id."""
    return platform.start_client("log_one.py").wait_for_output()


def test_a_second_sync_and_a_refresh_restart_no_pod_and_run_no_job_again(
    installed: Platform,
) -> None:
    run = write_one(installed)
    before = installed.list_restarts()
    installed.sync_again()
    status = installed.argo.refresh()["status"]
    assert list_unsynced(status) == []
    assert status["health"]["status"] == "Healthy"
    assert installed.list_restarts() == before
    assert installed.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"


def test_values_in_a_commit_are_rolled_out_without_a_failed_request(
    platform: Platform, charts: ChartsRepository
) -> None:
    server = "app=mlflow,app.kubernetes.io/component=server"
    before = platform.list_uids(server)
    client = platform.start_client("log_runs.py", SECONDS="60")
    wait("the first run", lambda: "acknowledged" in client.read_log())
    platform.roll_out(charts.change(VALUES, {"mlflow": {"podAnnotations": {"team": "a"}}}))
    check_logged_runs(client)
    pods = platform.get("pods", server)
    assert {pod["metadata"]["annotations"]["team"] for pod in pods} == {"a"}
    assert not before & platform.list_uids(server)


@REFUSED
def test_refused_values_leave_the_old_version_serving_and_a_revert_heals(
    platform: Platform, charts: ChartsRepository, change: dict[str, Any], message: str
) -> None:
    before = platform.list_restarts()
    charts.change(VALUES, change)
    status = platform.argo.refresh(kind="normal")["status"]
    assert message in describe(status)
    write_one(platform)
    platform.roll_out(charts.restore())
    assert platform.list_restarts() == before


def test_a_failed_migration_leaves_the_old_version_serving_and_a_revert_heals(
    platform: Platform, charts: ChartsRepository
) -> None:
    """48 MiB are too little for MLflow, so that the kernel kills the migration."""
    small = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "1", "memory": "48Mi"}}
    charts.change(VALUES, {"mlflow": {"migration": {"backoffLimit": 1, "resources": small}}})
    platform.argo.refresh(kind="normal")

    def has_failed() -> bool:
        status = platform.argo.read()["status"]
        failed = [
            each
            for each in status["resources"]
            if each["name"].startswith("mlflow-migration")
            and each.get("health", {}).get("status") == "Degraded"
        ]
        return status["health"]["status"] == "Degraded" and len(failed) == 1

    try:
        wait("the failed migration", has_failed, 240)
    except AssertionError as late:
        raise AssertionError(f"{late}\n{describe(platform.argo.read()['status'])}") from late
    write_one(platform)
    platform.roll_out(charts.restore())
    write_one(platform)


def test_an_edited_image_and_an_edited_policy_are_repaired(platform: Platform) -> None:
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    right = platform.kubectl("get", "deployment", "mlflow", "-o", image)
    policy = platform.kubectl("get", "netpol", "mlflow", "-o", "jsonpath={.spec}")
    platform.kubectl("set", "image", "deployment/mlflow", "mlflow=docker.io/library/none:1")
    platform.kubectl(
        *("patch", "netpol", "mlflow", "--type=merge", "--patch", '{"spec": {"ingress": [{}]}}')
    )
    wait(
        "the repair",
        lambda: (
            platform.kubectl("get", "deployment", "mlflow", "-o", image) == right
            and platform.kubectl("get", "netpol", "mlflow", "-o", "jsonpath={.spec}") == policy
        ),
    )
    platform.argo.wait_for_health()
    write_one(platform)


def test_pruning_leaves_volumes_and_generated_secrets_and_a_revert_uses_them_again(
    platform: Platform, charts: ChartsRepository
) -> None:
    run = write_one(platform)
    passwords = platform.read_passwords()
    volumes = {each["metadata"]["uid"] for each in platform.get("pvc")}
    off = {name: {"enabled": False} for name in ("mlflow", "feast", "ray-cluster", "data-services")}
    platform.roll_out(charts.change(VALUES, off))
    wait("the end of all pods", lambda: not platform.get("statefulsets") + platform.get("pods"))
    assert {each["metadata"]["uid"] for each in platform.get("pvc")} == volumes
    assert platform.read_passwords() == passwords
    platform.roll_out(charts.restore())
    assert platform.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"
    assert platform.read_passwords() == passwords
