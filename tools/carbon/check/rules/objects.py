"""Charts render ordinary objects only, which Helm, Argo CD and `kubectl apply` handle alike."""

from collections.abc import Iterator

from carbon.charts.annotations import ARGO, ARGO_KEEP, HOOK
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

FOREIGN = {"Namespace", "CustomResourceDefinition"}
SERVER_SIDE = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


@rule("objects/hooks", "Render an ordinary object that is safe to apply again.", house=True)
def check_hooks(chart: RenderedChart) -> Iterator[Violation]:
    """The only Helm hooks are tests: Argo CD runs other hooks at other times, or never."""
    for obj in chart.objects:
        hook = obj.annotations.get(HOOK, "test")
        if hook != "test":
            yield Violation(obj, ("annotations", HOOK), f"{obj.identity} is a Helm hook: {hook}")


@rule(
    "objects/argo",
    "Remove the annotation; wait for a real condition in an init container instead.",
    house=True,
)
def check_argo(chart: RenderedChart) -> Iterator[Violation]:
    """No object has an annotation of Argo CD except those that keep it.

    One Argo CD hook disables all Helm hooks.
    """
    for obj in chart.objects:
        for key, value in obj.annotations.items():
            if str(key).startswith(ARGO) and ARGO_KEEP.get(key) != value:
                yield Violation(
                    obj, ("annotations", key), f"{obj.identity} has the annotation {key}"
                )


@rule("objects/foreign", "Leave the object to the owner of the cluster.", house=True)
def check_foreign(chart: RenderedChart) -> Iterator[Violation]:
    """A chart renders no Namespace and no CRD: an uninstall would delete everything in them."""
    for obj in chart.of_kind(*FOREIGN):
        yield Violation(obj, ("kind",), f"the chart renders {obj.identity}")


@rule("objects/server-side", "Remove the field: the API server sets it.")
def check_server_side(chart: RenderedChart) -> Iterator[Violation]:
    """No object sets fields of the API server: server-side apply refuses them."""
    for obj in chart.objects:
        for key in SERVER_SIDE:
            if key in obj.meta or ("status" in obj.body and key == "uid"):
                field = f"metadata.{key}" if key in obj.meta else "status"
                yield Violation(obj, ("metadata", key), f"{obj.identity} sets {field}")


@rule("objects/annotations", "Quote the value.")
def check_annotations(chart: RenderedChart) -> Iterator[Violation]:
    """Every annotation value is a string."""
    for obj in chart.objects:
        for key, value in obj.annotations.items():
            if not isinstance(value, str):
                wrong = f"{obj.identity}: annotation {key}: {value!r} is not a string"
                yield Violation(obj, ("annotations", str(key)), wrong)


@rule("objects/claims", "Add persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, …}.", True)
def check_claims(chart: RenderedChart) -> Iterator[Violation]:
    """A StatefulSet with volumes states whether a deletion removes or retains them."""
    for obj in chart.of_kind("StatefulSet"):
        policy = obj.spec.get("persistentVolumeClaimRetentionPolicy") or {}
        if obj.spec.get("volumeClaimTemplates") and set(policy) != {"whenDeleted", "whenScaled"}:
            wrong = f"{obj.identity} does not set both whenDeleted and whenScaled for its volumes"
            yield Violation(obj, ("spec", "persistentVolumeClaimRetentionPolicy"), wrong)


@rule("objects/empty", "Correct the names of the files or values that the template reads.", True)
def check_empty(chart: RenderedChart) -> Iterator[Violation]:
    """Every ConfigMap has data, and every PrometheusRule and Role has rules."""
    for obj in chart.of_kind("ConfigMap"):
        if not (obj.body.get("data") or obj.body.get("binaryData")):
            yield Violation(obj, ("data",), f"{obj.identity} has no data")
    for obj in chart.of_kind("PrometheusRule"):
        groups = obj.spec.get("groups") or []
        if not groups or not all(group.get("rules") for group in groups):
            yield Violation(obj, ("spec", "groups"), f"{obj.identity} has no rules")
    for obj in chart.of_kind("Role", "ClusterRole"):
        if not (obj.body.get("rules") or obj.body.get("aggregationRule")):
            yield Violation(obj, ("rules",), f"{obj.identity} has no rules")
