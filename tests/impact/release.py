"""The profile `production` on the recorded cluster: its policies by step, and its workloads."""

from dataclasses import dataclass
from functools import cache

from tests.impact.record import FOLDER, PRODUCTION

from carbon.charts.render import Object
from carbon.impact.cluster import POLICIES, Cluster, read_cluster
from carbon.impact.run import read_values
from carbon.impact.steps import list_steps, render_policies, render_release
from carbon.impact.workloads import Workload, list_workloads

NAMESPACE, RELEASE = "data-platform", "254carbon"
REPLACED = ("ray-cluster", "feast", "mlflow")
"""The label app of the recorded pods that the release replaces."""


@dataclass(frozen=True)
class Case:
    """The recorded cluster, with the policies that it has or without them."""

    policies: bool
    replaced: bool = True
    """Whether the pods still run that the release replaces."""

    def list_objects(self) -> list[Object]:
        return [
            obj
            for obj in read_cluster([FOLDER]).objects
            if (self.policies or obj["kind"] not in POLICIES)
            and (self.replaced or obj["kind"] != "Pod" or not _is_replaced(obj))
        ]


AFTER = Case(policies=False, replaced=False)
"""The cluster when the release has replaced the pods and the policies that were there."""


def _is_replaced(pod: Object) -> bool:
    labels = pod["metadata"]["labels"]
    return labels.get("app") in REPLACED and "app.kubernetes.io/part-of" not in labels


@cache
def render_step(name: str) -> list[Object]:
    """Return the policies of a step."""
    steps = list_steps(read_values([PRODUCTION]), NAMESPACE)
    values = next(step.values for step in steps if step.name == name)
    return render_policies(values, RELEASE, NAMESPACE)


def is_own(workload: Workload) -> bool:
    """Return whether a workload is one of the release, or one that it replaces."""
    return workload.ours or workload.peer.labels.get("app") in REPLACED


@cache
def render_profile() -> list[Object]:
    """Return the objects that the umbrella renders with the profile."""
    return render_release(read_values([PRODUCTION]), RELEASE, NAMESPACE)


@cache
def make_workloads() -> list[Workload]:
    """Return the workloads of the recorded cluster that the release has no pods in, and its own."""
    cluster = Cluster(AFTER.list_objects())
    return list_workloads(cluster, render_profile(), NAMESPACE, mesh=True)
