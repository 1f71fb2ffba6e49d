"""Killed pods and a stopped cluster: a client that retries loses no acknowledged run."""

from collections.abc import Iterator

import pytest
from tests.live.support import TRACKING, Release, check_logged_runs, is_ready, wait

from carbon.cluster import lifecycle
from carbon.platform.target import Target


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("faults") as release:
        release.install("helm", *TRACKING)
        yield release


@pytest.mark.parametrize(
    ("victim", "selector"),
    [
        ("one MLflow pod after the other", "app=mlflow,app.kubernetes.io/component=server"),
        ("PostgreSQL", "app=postgresql,app.kubernetes.io/component=server"),
        ("the S3 store", "app=s3,app.kubernetes.io/component=server"),
    ],
)
def test_no_acknowledged_run_is_lost_when_pods_are_killed(
    release: Release, victim: str, selector: str
) -> None:
    client = release.start_client("log_runs.py", SECONDS="40")
    wait("the first run", lambda: "acknowledged" in client.read_log())
    before = release.list_uids(selector)
    assert before, f"no pod matches {selector}"
    for pod in release.get("pods", selector):
        release.kubectl("delete", "pod", pod["metadata"]["name"], "--now")
        wait(f"{victim} to be Ready", lambda: _are_ready(release, selector, len(before)))
    check_logged_runs(client)
    assert not before & release.list_uids(selector), "pods were not replaced"


def test_runs_survive_a_stop_of_the_cluster(release: Release) -> None:
    run = release.start_client("log_one.py").wait_for_output()
    lifecycle.stop()
    lifecycle.up()
    selector = "app=mlflow,app.kubernetes.io/component=server"
    wait("MLflow to be Ready", lambda: _are_ready(release, selector, 2))
    assert release.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"


def _are_ready(release: Release, selector: str, count: int) -> bool:
    """Return whether exactly `count` selected pods exist, pods in deletion aside, and are Ready."""
    pods = release.get("pods", selector)
    remaining = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return len(remaining) == count and all(map(is_ready, remaining))
