"""Kueue: queues, flavors and priorities that objects name exist."""

from collections.abc import Iterator

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels

LABELS = {
    "kueue.x-k8s.io/queue-name": "LocalQueue",
    "kueue.x-k8s.io/priority-class": "WorkloadPriorityClass",
}
Reference = tuple[RenderedObject, KeyPath, str, str]
"""An object, the path of the field, and the kind and name that the field refers to."""


@rule("queues/exist", "Render the object, or take its name from the values.")
def check_exist(chart: RenderedChart) -> Iterator[Violation]:
    """Queues, flavors and priorities that objects name are rendered, or values name them."""
    for obj, path, kind, name in _find_references(chart):
        if name not in chart.names(kind) and not chart.is_given(name):
            wrong = f"{obj.identity}: no chart renders {kind}/{name}, and no values file names it"
            yield Violation(obj, path, wrong)


def _find_references(chart: RenderedChart) -> Iterator[Reference]:
    for obj in chart.objects:
        for labels in (obj.labels, *map(pod_labels, obj.pods)):
            for label, kind in LABELS.items():
                if label in labels:
                    yield obj, ("labels", label), kind, str(labels[label])
    for obj in chart.of_kind("LocalQueue"):
        name = str(obj.spec.get("clusterQueue"))
        yield obj, ("spec", "clusterQueue"), "ClusterQueue", name
    for obj in chart.of_kind("ClusterQueue"):
        for group in obj.spec.get("resourceGroups") or []:
            for flavor in group.get("flavors") or []:
                path = ("spec", "resourceGroups", "flavors", f"name={flavor.get('name')}")
                yield obj, path, "ResourceFlavor", str(flavor.get("name"))
