"""Feast as its clients and its operators use it, with passwords of every printable character.

Every fault is timed by a client that reads over HTTP and gRPC all the while and never retries.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
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
VALUE = {"FEATURE": "prices:price", "KEY": "zone", "ID": "DE-LU"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour"}


@pytest.fixture(scope="module")
def release(cluster: Target) -> Iterator[Release]:
    with Release("feast") as made:
        made.kubectl("create", "namespace", "feast")
        for name, keys in SECRETS.items():
            thing = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
            made.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(thing | {"stringData": keys}))
        made.install("helm", "--values", str(VALUES))
        pushed = made.client(
            "push_features.py", "feast", HOST="feast-server", VALUE="81.5", **VALUE, **PUSH
        )
        assert pushed.result() == "pushed and read"
        yield made


def test_helm_test_reads_what_it_materialized(release: Release) -> None:
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "over HTTP: " in tested.stdout
    assert "over gRPC: " in tested.stdout


@pytest.mark.parametrize(
    ("command", "said"),
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
def test_commands_that_people_use_work_verbatim(release: Release, command: str, said: str) -> None:
    path = f"{externals.ensure_program('kubectl').parent}:{os.environ['PATH']}"
    env = {"KUBECONFIG": str(layout().kubeconfig), "PATH": path}
    assert said in run(["bash", "-c", command], env=env, timeout=120)


def test_no_password_is_in_the_release_or_a_log(release: Release) -> None:
    logs = release.kubectl("logs", "-l", SERVERS, "--all-containers", "--tail=-1")
    seen = release.stored() + logs
    assert RELEASE in seen
    for password in (EVERY, EVERY[::-1]):
        assert password not in seen
        assert json.dumps(password) not in seen


def reading(release: Release, seconds: int, disturb: Callable[[], None]) -> dict[str, Any]:
    """What a client read and missed while `disturb` happened."""
    env = {"HOST": "feast-server", "SECONDS": str(seconds), "EXPECTED": "81.5", **VALUE}
    client = release.client("read_features.py", "feast", **env)
    wait("the first reads", lambda: client.logs().count("first read") == 2)
    disturb()
    assert "{" not in client.logs(), "the client ended before what should disturb it"
    counts: dict[str, Any] = json.loads(client.result(seconds + 120).splitlines()[-1])
    return counts


def test_a_server_that_stops_has_its_clients_leave(release: Release) -> None:
    health = "curl -s -o /dev/null -D - http://localhost:6566/health"
    script = f"touch /tmp/stopping; {health}; rm /tmp/stopping; {health}"
    server = ("deployment/feast-server", "-c", "feast-server")
    said = release.kubectl("exec", *server, "--", "sh", "-c", script)
    stopping, serving = said.lower().split("http/1.1 200 ok")[1:]
    assert "connection: close" in stopping
    assert "connection: close" not in serving


def test_a_drain_fails_no_request(release: Release) -> None:
    before = {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    counts = reading(release, 120, lambda: release.drain("feast-server", SERVERS))
    print(f"drain: {counts}")
    assert not before & {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    assert counts["http"]["failed"] == counts["grpc"]["failed"] == 0
    assert min(counts["http"]["read"], counts["grpc"]["read"]) > 100


def test_an_upgrade_fails_no_request(release: Release) -> None:
    def upgrade() -> None:
        change = ("--values", str(VALUES), "--set", "feast.podAnnotations.changed=yes")
        done = release.helm("helm", "upgrade", RELEASE, "umbrella/", "--wait", *change)
        assert done.returncode == 0, done.stderr
        release.kubectl("rollout", "status", "deployment/feast-server", "--timeout=3m")

    before = {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    counts = reading(release, 120, upgrade)
    print(f"upgrade: {counts}")
    assert not before & {pod["metadata"]["uid"] for pod in release.get("pods", SERVERS)}
    assert counts["http"]["failed"] == counts["grpc"]["failed"] == 0
    assert min(counts["http"]["read"], counts["grpc"]["read"]) > 100


def test_a_killed_server_costs_only_what_it_was_answering(release: Release) -> None:
    def kill() -> None:
        pods = [pod["metadata"]["name"] for pod in release.get("pods", SERVERS)]
        release.kubectl("delete", "pod", pods[0], "--force", "--grace-period=0")
        release.kubectl("rollout", "status", "deployment/feast-server", "--timeout=3m")

    counts = reading(release, 60, kill)
    print(f"killed: {counts}")
    for protocol in ("http", "grpc"):
        assert counts[protocol]["read"] > 100
        assert counts[protocol]["longest gap, s"] < 30


def test_redis_comes_back_with_its_values(release: Release) -> None:
    def restart() -> None:
        release.kubectl("delete", "pod", "redis-0", "--wait")
        release.kubectl("rollout", "status", "statefulset/redis", "--timeout=3m")

    lives = release.lives()
    counts = reading(release, 60, restart)
    print(f"Redis restarted: {counts}")
    servers = {k: v for k, v in release.lives().items() if "feast-server" in k}
    assert servers == {k: lives[k] for k in servers}, "a server was restarted or replaced"
    read = release.client(
        "read_features.py", "feast", HOST="feast-server", SECONDS="3", EXPECTED="81.5", **VALUE
    )
    after = json.loads(read.result().splitlines()[-1])
    for protocol in ("http", "grpc"):
        assert after[protocol]["failed"] == 0, after
        assert after[protocol]["read"] > 10


def test_reads_go_on_without_the_registry(release: Release) -> None:
    def stop() -> None:
        release.kubectl("scale", "statefulset/postgresql", "--replicas=0")
        release.kubectl("wait", "--for=delete", "pod/postgresql-0", "--timeout=2m")

    try:
        counts = reading(release, 60, stop)
    finally:
        release.kubectl("scale", "statefulset/postgresql", "--replicas=1")
        release.kubectl("rollout", "status", "statefulset/postgresql", "--timeout=3m")
    print(f"PostgreSQL away: {counts}")
    assert counts["http"]["failed"] == counts["grpc"]["failed"] == 0
