"""Feast with passwords of every printable character: documented commands, failures, upgrades.

During each failure, a client reads over HTTP and gRPC without retries and counts failed requests.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.support import RELEASE, Release, wait

from carbon import externals
from carbon.cluster.layout import layout
from carbon.platform.target import Target
from carbon.process import run

VALUES = Path(__file__).parent / "feast.yaml"
SERVERS = "app=feast,app.kubernetes.io/component=server"
EVERY = "".join(map(chr, range(0x20, 0x7F)))
SECRETS = {
    "postgresql-feast": {"username": "Odd \"owner'", "password": EVERY},
    "redis-credentials": {"password": EVERY[::-1]},
}
READ = {"FEATURE": "prices:price", "KEY": "zone", "ID": "DE-LU"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour"}


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("feast") as release:
        release.kubectl("create", "namespace", "feast")
        for name, keys in SECRETS.items():
            release.apply_secret(name, keys)
        release.install("helm", "--values", str(VALUES))
        pushed = release.start_client(
            "push_features.py", "feast", HOST="feast-server", VALUE="81.5", **READ, **PUSH
        )
        assert pushed.wait_for_output() == "pushed and read"
        yield release


def test_helm_test_reads_features_over_http_and_grpc(release: Release) -> None:
    output = release.run_tests()
    assert "over HTTP: " in output
    assert "over gRPC: " in output


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kubectl get pods -n feast -l 'app in (ray-cluster,feast,mlflow)'", "feast-server-"),
        ("kubectl get svc -n feast -l 'app in (ray-cluster,feast,mlflow)'", "6566/TCP,6567/TCP"),
        (
            "kubectl exec -n feast deployment/feast-server -c feast-server"
            " -- curl -s http://localhost:6566/health && echo healthy",
            "healthy",
        ),
        (
            "kubectl exec -n feast deployment/feast-server -c feast-server"
            " -- python /scripts/run.py feature-views list",
            "prices",
        ),
    ],
)
def test_documented_commands_work_verbatim(release: Release, command: str, expected: str) -> None:
    path = f"{externals.ensure_program('kubectl').parent}:{os.environ['PATH']}"
    env = {"KUBECONFIG": str(layout().kubeconfig), "PATH": path}
    assert expected in run(["bash", "-c", command], env=env, timeout=120)


def test_no_password_is_in_the_stored_release_or_a_log(release: Release) -> None:
    logs = release.kubectl("logs", "-l", SERVERS, "--all-containers", "--tail=-1")
    text = release.read_stored_release() + logs
    assert RELEASE in text
    for password in (EVERY, EVERY[::-1]):
        assert password not in text
        assert json.dumps(password) not in text


def read_during(release: Release, seconds: int, disturb: Callable[[], None]) -> dict[str, Any]:
    """Call `disturb` while a client reads for `seconds`; return the counts of the client."""
    env = {"HOST": "feast-server", "SECONDS": str(seconds), "EXPECTED": "81.5", **READ}
    client = release.start_client("read_features.py", "feast", **env)
    wait("the first reads", lambda: client.read_log().count("first read") == 2)
    disturb()
    assert "{" not in client.read_log(), "the client ended before the failure did"
    counts: dict[str, Any] = client.wait_for_json(seconds + 120)
    return counts


def test_a_stopping_server_closes_the_connections_of_its_clients(release: Release) -> None:
    health = "curl -s -o /dev/null -D - http://localhost:6566/health"
    script = f"touch /tmp/stopping; {health}; rm /tmp/stopping; {health}"
    server = ("deployment/feast-server", "-c", "feast-server")
    output = release.kubectl("exec", *server, "--", "sh", "-c", script)
    stopping, serving = output.lower().split("http/1.1 200 ok")[1:]
    assert "connection: close" in stopping
    assert "connection: close" not in serving


def upgrade(release: Release) -> None:
    """Replace all servers by a rolling update."""
    change = ("--values", str(VALUES), "--set", "feast.podAnnotations.changed=yes")
    done = release.helm("helm", "upgrade", RELEASE, "umbrella/", "--wait", *change)
    assert done.returncode == 0, done.stderr
    release.kubectl("rollout", "status", "deployment/feast-server", "--timeout=3m")


def drain(release: Release) -> None:
    """Evict all servers, one after the other."""
    release.drain("feast-server", SERVERS)


@pytest.mark.parametrize("disturb", [drain, upgrade], ids=["drain", "upgrade"])
def test_no_request_fails_while_servers_are_replaced(
    release: Release, disturb: Callable[[Release], None]
) -> None:
    before = release.list_uids(SERVERS)
    counts = read_during(release, 120, lambda: disturb(release))
    print(f"{disturb.__name__}: {counts}")
    assert not before & release.list_uids(SERVERS), "servers were not replaced"
    assert counts["http"]["failed"] == counts["grpc"]["failed"] == 0
    assert min(counts["http"]["read"], counts["grpc"]["read"]) > 100


def test_clients_read_again_within_30_seconds_of_a_killed_server(release: Release) -> None:
    def kill() -> None:
        pods = [pod["metadata"]["name"] for pod in release.get("pods", SERVERS)]
        release.kubectl("delete", "pod", pods[0], "--force", "--grace-period=0")
        release.kubectl("rollout", "status", "deployment/feast-server", "--timeout=3m")

    counts = read_during(release, 60, kill)
    print(f"server killed: {counts}")
    for protocol in ("http", "grpc"):
        assert counts[protocol]["read"] > 100
        assert counts[protocol]["longest gap, s"] < 30


def test_values_survive_a_restart_of_redis(release: Release) -> None:
    def restart() -> None:
        release.kubectl("delete", "pod", "redis-0", "--wait")
        release.kubectl("rollout", "status", "statefulset/redis", "--timeout=3m")

    before = release.list_restarts()
    counts = read_during(release, 60, restart)
    print(f"Redis restarted: {counts}")
    servers = {k: v for k, v in release.list_restarts().items() if "feast-server" in k}
    assert servers == {k: before[k] for k in servers}, "a server was restarted or replaced"
    read = release.start_client(
        "read_features.py", "feast", HOST="feast-server", SECONDS="3", EXPECTED="81.5", **READ
    )
    after = read.wait_for_json()
    for protocol in ("http", "grpc"):
        assert after[protocol]["failed"] == 0, after
        assert after[protocol]["read"] > 10


def test_no_request_fails_without_the_registry(release: Release) -> None:
    def stop() -> None:
        release.kubectl("scale", "statefulset/postgresql", "--replicas=0")
        release.kubectl("wait", "--for=delete", "pod/postgresql-0", "--timeout=2m")

    try:
        counts = read_during(release, 60, stop)
    finally:
        release.kubectl("scale", "statefulset/postgresql", "--replicas=1")
        release.kubectl("rollout", "status", "statefulset/postgresql", "--timeout=3m")
    print(f"PostgreSQL stopped: {counts}")
    assert counts["http"]["failed"] == counts["grpc"]["failed"] == 0
