"""The recorded cluster (tests/live/production), read without the code under test."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.render import Object
from carbon.check.services.attempts import Attempt, Peer
from carbon.home import ROOT
from carbon.impact.workloads import find_name

FOLDER = ROOT / "tests" / "live" / "production"
CONNECTIONS = FOLDER / "connections.yaml"
PRODUCTION = ROOT / "values" / "production.yaml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@cache
def list_objects() -> list[Object]:
    """Return all objects of the recorded cluster."""
    lists = [read(path) for path in sorted(FOLDER.glob("*.yaml")) if path != CONNECTIONS]
    return [obj for each in lists for obj in each["items"]]


def of_kind(*kinds: str) -> list[Object]:
    """Return the recorded objects of the given kinds."""
    return [obj for obj in list_objects() if obj["kind"] in kinds]


def list_pod_attempts() -> list[tuple[str, str, Attempt]]:
    """Return a connection between each two recorded pods on each container port, with names."""

    def make_peer(pod: Object) -> Peer:
        metadata = pod["metadata"]
        return Peer(
            metadata["name"], pod["status"]["podIP"], metadata["namespace"], metadata["labels"]
        )

    pods = of_kind("Pod")
    peers = {id(pod): make_peer(pod) for pod in pods}
    names = {id(pod): f"{pod['metadata']['namespace']}/{find_name(pod)}" for pod in pods}
    return [
        (
            names[id(client)],
            names[id(server)],
            Attempt(
                peers[id(client)],
                peers[id(server)],
                port["containerPort"],
                port.get("protocol", "TCP"),
            ),
        )
        for server in pods
        for client in pods
        for container in server["spec"]["containers"]
        for port in container.get("ports", [])
    ]
