"""The recorded cluster states what is known of the 254carbon cluster, and marks what is a guess."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.impact.record import CONNECTIONS, FOLDER, list_objects, of_kind

from carbon.check.programs.kubeconform import validate
from carbon.impact.cluster import POLICIES, read_cluster
from carbon.impact.run import read_used
from carbon.impact.state import State, list_connections
from carbon.impact.workloads import list_workloads

PODS = {
    "ray-cluster": 3,
    "feast": 2,
    "mlflow": 2,
    "dolphinscheduler": 7,
    "superset": 3,
    "trino": 2,
    "kafka-service": 1,
    "postgres-shared-service": 1,
    "minio-service": 1,
    "redis-service": 1,
    "elasticsearch": 1,
    "neo4j": 1,
    "datahub-gms": 1,
    "datahub-frontend": 1,
    "datahub-mae-consumer": 1,
}
"""Number of pods that the report of the cluster states, by the label app."""
PORTS = {
    "ray-cluster-head-svc": {8000, 8265, 10001},
    "feast-server": {6566, 6567},
    "mlflow": {5000},
    "datahub-gms": {8080},
    "trino-coordinator": {8080},
    "kafka-service": {9092},
    "postgres-shared-service": {5432},
    "minio-service": {9000},
    "redis-service": {6379},
}
"""Ports of Services that the report states."""


def test_the_record_states_the_nodes_pods_and_ports_of_the_report() -> None:
    cores = [int(node["status"]["capacity"]["cpu"]) for node in of_kind("Node")]
    assert sorted(cores) == [36, 52]
    apps = Counter(pod["metadata"]["labels"].get("app") for pod in of_kind("Pod"))
    assert {app: apps[app] for app in PODS} == PODS
    services = {
        each["metadata"]["name"]: {port["port"] for port in each["spec"]["ports"]}
        for each in of_kind("Service")
    }
    assert all(PORTS[name] <= services[name] for name in PORTS)
    kinds = Counter(obj["kind"] for obj in list_objects())
    assert kinds["PeerAuthentication"] == kinds["AuthorizationPolicy"] == 2
    assert kinds["NetworkPolicy"] >= 12
    assert kinds["ServiceMonitor"] >= 15


def test_each_file_marks_guesses_with_the_command_that_shows_the_facts() -> None:
    for path in FOLDER.glob("*.yaml"):
        marks = re.findall(r"^ *# check: (.*)", path.read_text("utf-8"), re.M)
        assert marks, path.name
        assert [mark for mark in marks if not re.match(r"kubectl |sum by ", mark)] == []


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_output_of_kubectl_replaces_the_record(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"cluster.{suffix}"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list_objects()}))
    assert list(read_cluster([file]).objects) == list(read_cluster([FOLDER]).objects)


def test_the_objects_are_valid(tmp_path: Path) -> None:
    for number, obj in enumerate(list_objects()):
        (tmp_path / f"{number}.json").write_text(json.dumps(obj), "utf-8")
    found = validate(tmp_path, "1.37")
    assert {key: messages for key, messages in found.items() if messages} == {}


def test_the_recorded_policies_allow_the_connections_in_use() -> None:
    cluster = read_cluster([FOLDER])
    workloads = list_workloads(cluster, [], "data-platform", mesh=True)
    state = State(list(cluster.of_kind(*POLICIES)))
    used = read_used(CONNECTIONS)
    found = {
        (one.source.name, one.target.name, one.port): state.find_refusals(one)
        for one in list_connections(workloads)
    }
    assert used <= found.keys()
    assert {one: found[one] for one in used if found[one]} == {}
