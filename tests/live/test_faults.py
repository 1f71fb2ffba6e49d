"""Pods are killed while runs are logged: a client that retries loses nothing it was promised."""

import json
from collections.abc import Iterator

import pytest
from tests.live.support import TRACKING, Release, wait

from carbon.cluster import lifecycle
from carbon.platform.target import Target


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("faults") as made:
        made.install("helm", *TRACKING)
        yield made


@pytest.mark.parametrize(
    ("victim", "selector"),
    [
        ("one MLflow pod after the other", "app=mlflow,app.kubernetes.io/component=server"),
        ("PostgreSQL", "app=postgresql,app.kubernetes.io/component=server"),
        ("the S3 store", "app=s3,app.kubernetes.io/component=server"),
    ],
)
def test_no_acknowledged_run_is_lost(release: Release, victim: str, selector: str) -> None:
    client = release.client("log_runs.py", SECONDS="40")
    wait("the first run", lambda: "acknowledged" in client.logs())
    before = {pod["metadata"]["uid"] for pod in release.get("pods", selector)}
    assert before, f"no pod to kill: {selector}"
    for pod in release.get("pods", selector):
        release.kubectl("delete", "pod", pod["metadata"]["name"], "--now")
        wait(f"{victim} Ready again", lambda: _ready(release, selector, len(before)))
    counts = json.loads(client.result().splitlines()[-1])
    print(f"{victim} killed: {counts}")
    assert not before & {pod["metadata"]["uid"] for pod in release.get("pods", selector)}
    assert counts["acknowledged"] > 10
    assert counts["lost"] == []
    assert counts["failed"] == []


def test_a_stopped_cluster_comes_back_with_its_runs(release: Release) -> None:
    run = release.client("log_one.py").result()
    lifecycle.stop()
    lifecycle.up()
    selector = "app=mlflow,app.kubernetes.io/component=server"
    wait("MLflow Ready again", lambda: _ready(release, selector, 2))
    assert release.client("read_one.py", RUN=run).result() == "42.0 kept"


def _ready(release: Release, selector: str, wanted: int) -> bool:
    conditions = [
        {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
        for pod in release.get("pods", selector)
        if "deletionTimestamp" not in pod["metadata"]
    ]
    return [c.get("Ready") for c in conditions] == ["True"] * wanted
