"""What `helm upgrade --wait` answers for each custom resource, with and without its operator."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import RENDERS
from tests.charts.processes import start
from tests.live.apiserver import find_free_ports, start_api_server
from tests.live.support import wait
from tests.live.verdicts.conftest import WITHOUT_CONTROLLERS
from tests.live.verdicts.installed import Cluster

from carbon import externals
from carbon.charts.generate.crds import FOLDER, read_crds
from carbon.charts.merging import merge
from carbon.charts.render import Object, render_objects
from carbon.files import read_yaml
from carbon.upgrade.difference.live import MISJUDGED

TABLE = read_yaml(Path(__file__).parent / "watchers.yaml")
KINDS = {kind for row in read_yaml(FOLDER / "kinds.yaml").values() for kind in row["kinds"]}
WAITING = re.compile(r"resource (\w+)/[^ ]+ not ready")
"""What the watcher prints for each object that it waited for."""
SECONDS = "3s"
"""After this time, Helm gives up."""


@dataclass
class Custom:
    """An object of each kind of custom resource, in one chart and one release."""

    cluster: Cluster
    chart: Path
    objects: Mapping[str, Object]
    kinds: list[str] = field(default_factory=list)

    def select(self, number: int) -> Mapping[str, Mapping[str, Any]]:
        """Select the kinds that have at least so many states; return these states by kind."""
        states = {kind: list(row["states"].values()) for kind, row in TABLE.items()}
        found = {kind: each[number] for kind, each in states.items() if number < len(each)}
        self.kinds = sorted(found)
        return found

    def write(self, changed: bool) -> None:
        """Write the chart with the selected objects."""
        changes = {kind: TABLE[kind]["change"] if changed else {} for kind in self.kinds}
        objects = [merge(self.objects[kind], changes[kind]) for kind in self.kinds]
        text = yaml.safe_dump_all(objects).replace("{{", '{{ "{{" }}')
        (self.chart / "templates" / "objects.yaml").write_text(text, "utf-8")

    def write_status(self, kind: str, status: Mapping[str, Any]) -> None:
        """Write the status of an object as its operator does."""
        name, patch = self.objects[kind]["metadata"]["name"], json.dumps({"status": status})
        where = ["--namespace", self.cluster.namespace, "--type=merge", "--patch", patch]
        if "velero" not in self.objects[kind]["apiVersion"]:
            where.append("--subresource=status")
        self.cluster.api.kubectl("patch", kind, name, *where)

    def upgrade(self, program: str, wait: str) -> set[str]:
        """Upgrade with a wait; return the kinds for which Helm has waited until it gave up."""
        helm = str(externals.ensure_program(program))
        words = ("upgrade", "--install", "custom", str(self.chart), "--timeout", SECONDS, wait)
        done = self.cluster.run(helm, *words)
        waited = set(WAITING.findall(done.stdout))
        assert bool(waited) == bool(done.returncode), done.stdout
        return waited


@pytest.fixture(scope="module")
def custom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Custom]:
    folder = tmp_path_factory.mktemp("api")
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("{apiVersion: v2, name: custom, version: 0.1.0}")
    objects: dict[str, Object] = {}
    for each in (each for render in RENDERS for each in render_objects(render)):
        if each["kind"] in KINDS:
            meta = {k: v for k, v in each["metadata"].items() if k != "namespace"}
            objects.setdefault(each["kind"], each | {"metadata": meta})
    with start_api_server(folder, WITHOUT_CONTROLLERS) as api:
        api.create_crds()
        cluster = Cluster(api, folder)
        cluster.namespace = "custom"
        api.kubectl("create", "namespace", cluster.namespace)
        yield Custom(cluster, chart, objects)


@pytest.fixture
def release(custom: Custom) -> Iterator[Custom]:
    """Without a release; a release is uninstalled after the test."""
    yield custom
    custom.cluster.run(str(externals.ensure_program("helm")), "uninstall", "custom")


def test_the_table_has_each_custom_resource_that_the_charts_create(custom: Custom) -> None:
    assert TABLE.keys() == custom.objects.keys()


def test_carbon_does_not_use_the_watcher_where_it_can_wait_in_vain() -> None:
    wrong = {
        kind
        for kind, row in TABLE.items()
        for state in row["states"].values()
        if state.get("wrong")
    }
    assert wrong == MISJUDGED


@pytest.mark.parametrize("number", range(max(len(row["states"]) for row in TABLE.values())))
def test_helm_waits_for_custom_resources_as_the_table_states(release: Custom, number: int) -> None:
    states = release.select(number)
    release.write(changed=False)
    assert release.upgrade("helm", "--wait=hookOnly") == set()
    for kind, state in states.items():
        if "status" in state:
            release.write_status(kind, state["status"])
    for answer, changed in (("answer", False), ("changed", True)):
        release.write(changed)
        waited = {kind for kind, state in states.items() if state[answer] == "waits"}
        assert release.upgrade("helm", "--wait=watcher") == waited, answer
        assert release.upgrade("helm", "--wait=legacy") == set(), answer
        assert release.upgrade("helm3", "--wait") == set(), answer


@pytest.fixture
def operator(custom: Custom, tmp_path: Path) -> Iterator[Cluster]:
    """The API server with the KubeRay operator, in a namespace of its own."""
    cluster = Cluster(custom.cluster.api, tmp_path)
    cluster.namespace = "ray"
    cluster.api.kubectl("create", "namespace", cluster.namespace)
    crds = yaml.safe_dump_all(read_crds("github.com/ray-project/kuberay/ray-operator"))
    cluster.api.kubectl("apply", "--server-side", "-f", "-", stdin=crds)
    metrics, health = find_free_ports(2)
    command = [str(externals.ensure_program("kuberay-operator")), "--enable-leader-election=false"]
    command += [f"--kubeconfig={tmp_path / 'kubeconfig'}", f"--metrics-addr=127.0.0.1:{metrics}"]
    command += [f"--health-probe-bind-address=127.0.0.1:{health}"]
    with start(command, os.environ, tmp_path / "kuberay.log"):
        yield cluster


def test_helm_4_waits_in_vain_for_a_raycluster_whose_pods_stay(operator: Cluster) -> None:
    """KubeRay does not write that it has seen a change that leaves the pods as they are."""

    def upgrade(program: str, wait: str, values: Mapping[str, Any]) -> "tuple[int, set[str]]":
        words = ("upgrade", "--install", "ray", "charts/ray-cluster", "--timeout", SECONDS, wait)
        helm = str(externals.ensure_program(program))
        done = operator.run(helm, *words, "--values", "-", values=values)
        return done.returncode, set(WAITING.findall(done.stdout))

    def read_observed() -> str:
        path = "--output=jsonpath={.status.observedGeneration}"
        where = ("--namespace", operator.namespace)
        return operator.api.kubectl("get", "raycluster", "ray-cluster", *where, path)

    before = {"mode": "kuberay"}
    after = {**before, "workers": {"tolerations": [{"operator": "Exists"}]}}
    assert upgrade("helm", "--wait=hookOnly", before) == (0, set())
    wait("the status of the RayCluster", lambda: read_observed() == "1")
    assert upgrade("helm", "--wait=watcher", before) == (0, set())
    assert upgrade("helm", "--wait=watcher", after) == (1, {"RayCluster"})
    assert read_observed() == "1"
    assert upgrade("helm", "--wait=legacy", after) == (0, set())
    assert upgrade("helm3", "--wait", after) == (0, set())
