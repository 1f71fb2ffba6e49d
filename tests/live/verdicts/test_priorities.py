"""PriorityClasses of an upgraded release: the API server's own admission gives pods their priority.

`value` and `preemptionPolicy` of a PriorityClass are immutable, so that a changed class must have
another name.
"""

import json
from typing import Any

import pytest
from tests.live.verdicts.installed import Cluster

from carbon import externals
from carbon.charts.merging import merge
from carbon.errors import CarbonError
from carbon.platform.target import RELEASE

VALUES: dict[str, Any] = {
    **{name: {"enabled": False} for name in ("feast", "ray-cluster", "mesh-policies")},
    "gpu-pool": {"enabled": True, "operator": {"driver": {"version": "595.91.07"}}},
    "global": {
        "gpuPools": {"a100": {"selector": {"nvidia.com/gpu.family": "ampere"}, "count": 4}},
        "postgresql": {"host": "postgresql"},
        "s3": {"host": "s3"},
    },
    "data-services": {"enabled": False},
    "mlflow": {"replicas": 2},
}
CLASSES = ("critical-400000", "serving-300000", "training-200000", "batch-100000")
"""Names of the PriorityClasses after the prefix."""


def upgrade(cluster: Cluster, program: str, change: Any) -> None:
    """Upgrade the release to the charts of the working tree with changed values."""
    helm = str(externals.ensure_program(program))
    words = (helm, "upgrade", RELEASE, "umbrella/", "--values", "-")
    done = cluster.run(*words, values=merge(VALUES, change))
    assert done.returncode == 0, done.stdout


def list_classes(cluster: Cluster) -> set[str]:
    """Return the PriorityClasses of the release, without the prefix."""
    output = cluster.api.kubectl("get", "priorityclasses", "--output", "json")
    prefix = f"{cluster.namespace}-"
    names = (each["metadata"]["name"] for each in json.loads(output)["items"])
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def admit(cluster: Cluster, **spec: Any) -> tuple[int, str]:
    """Return priority and preemption policy that the API server gives a pod."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": cluster.namespace},
        "spec": {"containers": [{"name": "a", "image": "a.example/a:1"}], **spec},
    }
    words = ("create", "--dry-run=server", "--output=json", "-f", "-")
    admitted = json.loads(cluster.api.kubectl(*words, stdin=json.dumps(pod)))["spec"]
    return admitted["priority"], admitted["preemptionPolicy"]


def admit_server(cluster: Cluster) -> tuple[int, str]:
    """Return priority and preemption policy of a pod of MLflow's Deployment."""
    where = ("--namespace", cluster.namespace, "--output", "json")
    deployment = json.loads(cluster.api.kubectl("get", "deployment", "mlflow", *where))
    return admit(cluster, **deployment["spec"]["template"]["spec"])


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
@pytest.mark.parametrize("program", ["helm3", "helm"])
def test_after_an_upgrade_no_pod_preempts_and_servers_have_the_highest_priority(
    cluster: Cluster, program: str, version: str
) -> None:
    cluster.install(program, VALUES, version)
    assert list_classes(cluster) == {"serving", "training", "batch"}
    assert admit(cluster, priorityClassName=f"{cluster.namespace}-training") == (
        200000,
        "PreemptLowerPriority",
    )
    assert admit_server(cluster)[0] == 0
    critical, serving, *_ = (f"{cluster.namespace}-{each}" for each in CLASSES)
    upgrade(cluster, program, {"mlflow": {"priorityClassName": critical}})
    assert list_classes(cluster) == {*CLASSES}
    for name in CLASSES:
        number = int(name.rpartition("-")[2])
        assert admit(cluster, priorityClassName=f"{cluster.namespace}-{name}") == (number, "Never")
    assert admit_server(cluster) > admit(cluster, priorityClassName=serving)
    with pytest.raises(CarbonError, match="no PriorityClass with name"):
        admit(cluster, priorityClassName=f"{cluster.namespace}-training")


def test_other_values_of_a_class_are_another_class(cluster: Cluster) -> None:
    cluster.install("helm", VALUES, "0.2.0")
    upgrade(cluster, "helm", {})
    critical = {"priorityClassName": f"{cluster.namespace}-critical-400000"}
    training = {"value": 250000, "preempts": True}
    change = {"gpu-pool": {"priorities": {"training": training}}, "mlflow": critical}
    upgrade(cluster, "helm", change)
    renamed = "training-250000-preempting"
    assert list_classes(cluster) == {*CLASSES} - {"training-200000"} | {renamed}
    assert admit(cluster, priorityClassName=f"{cluster.namespace}-{renamed}") == (
        250000,
        "PreemptLowerPriority",
    )
