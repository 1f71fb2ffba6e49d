"""A drain and an upgrade of MLflow servers while a client without retries logs runs."""

from collections.abc import Callable, Iterator

import pytest
from tests.live.support import RELEASE, TRACKING, Release, check_logged_runs, wait

from carbon.platform.target import Target

SERVERS = "app=mlflow,app.kubernetes.io/component=server"


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("load") as release:
        release.install("helm", *TRACKING)
        yield release


def drain(release: Release) -> None:
    """Evict all servers, one after the other."""
    release.drain("mlflow", SERVERS)


def upgrade(release: Release) -> None:
    """Replace all servers by a rolling update."""
    change = ("--set", "mlflow.podAnnotations.changed=yes")
    done = release.helm("helm", "upgrade", RELEASE, "umbrella/", "--wait", *change)
    assert done.returncode == 0, done.stderr
    release.kubectl("rollout", "status", "deployment/mlflow", "--timeout=3m")


@pytest.mark.parametrize("disturb", [drain, upgrade], ids=["drain", "upgrade"])
def test_no_request_fails_while_servers_are_replaced(
    release: Release, disturb: Callable[[Release], None]
) -> None:
    client = release.start_client("log_runs.py", SECONDS="90", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    wait("the first run", lambda: "acknowledged" in client.read_log())
    before = release.list_uids(SERVERS)
    disturb(release)
    assert "lost" not in client.read_log(), "the client ended before the servers were replaced"
    check_logged_runs(client)
    assert not before & release.list_uids(SERVERS), "servers were not replaced"
