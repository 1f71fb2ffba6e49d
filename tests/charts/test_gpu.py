"""The script of gpu-pool's `helm test`, run with a fake API server."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.charts.processes import CHARTS, load

POOL = {
    "name": "a100",
    "selector": {"pool": "a100", "gpu": "yes"},
    "resource": "nvidia.com/gpu",
    "deployment": "gpu-pool-test-a100",
    "offered": 4,
}
OBJECT = {
    "resource": "clusterqueues",
    "name": "gpu",
    "group": "kueue.x-k8s.io",
    "version": "v1beta2",
    "scope": "cluster",
    "hold": {"spec": {"cohort": "gpu", "weight": 1}, "Active": "True"},
}
ACTUAL = {
    "spec": {"cohort": "gpu", "weight": 1, "other": 2},
    "status": {"conditions": [{"type": "Active", "status": "True"}]},
}
QUEUE = "/apis/kueue.x-k8s.io/v1beta2/clusterqueues/gpu"
DEPLOYMENT = "/apis/apps/v1/namespaces/data-platform/deployments/gpu-pool-test-a100"


class Cluster:
    """A fake cluster: two nodes of the pool with GPUs, and objects by their paths in the API."""

    def __init__(self) -> None:
        self.nodes: list[Any] = [
            {"metadata": {"name": name}, "status": {"allocatable": {"nvidia.com/gpu": "2"}}}
            for name in ("one", "two")
        ]
        self.objects: dict[str, Any] = {QUEUE: ACTUAL}
        self.ready_after = 1
        self.scaled: list[int] = []
        self.now = 0.0
        self.selectors: list[str] = []

    def call(self, method: str, path: str, body: Any = None) -> Any:
        url = urlsplit(path)
        if url.path == "/api/v1/nodes":
            self.selectors += parse_qs(url.query)["labelSelector"]
            return {"items": self.nodes}
        if method == "PATCH":
            assert path == f"{DEPLOYMENT}/scale"
            self.scaled.append(body["spec"]["replicas"])
            return body
        if path == DEPLOYMENT:
            ready = self.now >= self.ready_after and self.scaled[-1:] == [1]
            return {"status": {"readyReplicas": 1} if ready else {}}
        return self.objects.get(path)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "namespace").write_text("data-platform")
    cluster = Cluster()
    apiserver = SimpleNamespace(ACCOUNT=tmp_path, call=cluster.call)
    monkeypatch.setitem(sys.modules, "apiserver", apiserver)
    monkeypatch.setattr("time.sleep", cluster.sleep)
    monkeypatch.setattr("time.monotonic", lambda: cluster.now)
    yield cluster
    assert cluster.scaled in ([], [1, 0])  # at the end, no pod of the Deployment uses a GPU


def run(tmp_path: Path, *objects: dict[str, Any], pool: dict[str, Any] = POOL) -> str:
    """Run the script; return its error message, empty on success."""
    script: ModuleType = load(CHARTS / "gpu-pool/files/test.py")
    expected = {
        "objects": objects,
        "operatorNamespace": "gpu-operator",
        "pools": [pool],
        "timeoutSeconds": 60,
    }
    (tmp_path / "expected.json").write_text(json.dumps(expected))
    with pytest.raises(SystemExit) as end:
        script.main(str(tmp_path / "expected.json"))
    return str(end.value.code or "")


def test_the_vector_addition_runs_once_on_a_pool_with_gpus(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.ready_after = 10
    assert run(tmp_path, OBJECT) == ""
    assert cluster.scaled == [1, 0]
    assert cluster.selectors == ["pool=a100,gpu=yes"]


def test_a_pool_without_gpus_is_reported_and_does_not_fail_helm_test(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.nodes = [{"status": {}}]
    assert run(tmp_path) == ""
    assert "no node offers nvidia.com/gpu" in capsys.readouterr().out
    assert cluster.scaled == []


def test_helm_test_fails_if_the_vector_addition_never_succeeds(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.ready_after = 1000
    assert "did not succeed within 60 s" in run(tmp_path)
    assert cluster.scaled == [1, 0]


def test_helm_test_fails_if_the_nodes_offer_fewer_gpus_than_the_pool_declares(
    cluster: Cluster, tmp_path: Path
) -> None:
    del cluster.nodes[0]
    assert run(tmp_path) == "pool a100: nodes offer 2 nvidia.com/gpu, not 4"


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ({}, ""),
        ({"nvidia.com/gpu.memory": "11441"}, ""),
        (
            {"nvidia.com/gpu.memory": "24576"},
            "pool a100: node two has 24576 MiB of memory per GPU, not 12288 MiB",
        ),
    ],
)
def test_helm_test_fails_if_the_gpus_of_a_node_have_another_memory_than_the_pool_declares(
    cluster: Cluster, tmp_path: Path, label: dict[str, str], message: str
) -> None:
    cluster.nodes[1]["metadata"]["labels"] = label
    assert run(tmp_path, pool=POOL | {"memory": 12 << 30}) == message


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (None, "clusterqueues/gpu does not exist"),
        ({**ACTUAL, "spec": {"cohort": "x", "weight": 1}}, "spec.cohort is x, not gpu"),
        ({"spec": ACTUAL["spec"]}, "Active is None, not True"),
        (
            {**ACTUAL, "status": {"conditions": [{"type": "Active", "status": "False"}]}},
            "Active is False, not True",
        ),
    ],
)
def test_helm_test_fails_if_an_object_is_missing_or_has_a_wrong_field_or_condition(
    cluster: Cluster, tmp_path: Path, actual: Any, message: str
) -> None:
    cluster.objects[QUEUE] = actual
    assert message in run(tmp_path, OBJECT)


def test_objects_are_read_from_the_namespace_of_the_release_or_of_the_operator(
    cluster: Cluster, tmp_path: Path
) -> None:
    for scope, namespace in (("release", "data-platform"), ("operator", "gpu-operator")):
        core = {**OBJECT, "resource": "configmaps", "group": "", "version": "v1", "scope": scope}
        assert "does not exist" in run(tmp_path, core)
        cluster.objects[f"/api/v1/namespaces/{namespace}/configmaps/gpu"] = ACTUAL
        cluster.scaled.clear()
        assert run(tmp_path, core) == ""
        cluster.scaled.clear()
