"""Servers are drained and upgraded while a client that never retries logs: it sees no error."""

import json
from collections.abc import Callable, Iterator

import pytest
from tests.live.support import RELEASE, TRACKING, Release, wait

from carbon.platform.target import Target

SERVERS = "app=mlflow,app.kubernetes.io/component=server"


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("load") as made:
        made.install("helm", *TRACKING)
        yield made


def drain(release: Release) -> None:
    """Evict one server after the other."""
    release.drain("mlflow", SERVERS)


def upgrade(release: Release) -> None:
    """Replace every server by a rolling update."""
    change = ("--set", "mlflow.podAnnotations.changed=yes")
    done = release.helm("helm", "upgrade", RELEASE, "umbrella/", "--wait", *change)
    assert done.returncode == 0, done.stderr
    release.kubectl("rollout", "status", "deployment/mlflow", "--timeout=3m")


@pytest.mark.parametrize("disturb", [drain, upgrade], ids=["drain", "upgrade"])
def test_a_client_without_retries_sees_no_error(
    release: Release, disturb: Callable[[Release], None]
) -> None:
    client = release.client("log_runs.py", SECONDS="90", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    wait("the first run", lambda: "acknowledged" in client.logs())
    before = {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    disturb(release)
    assert "lost" not in client.logs(), "the client ended before the servers were replaced"
    counts = json.loads(client.result().splitlines()[-1])
    print(f"{disturb.__name__}: {counts}")
    assert not before & {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    assert counts["acknowledged"] > 10
    assert counts["failed"] == []
    assert counts["lost"] == []
