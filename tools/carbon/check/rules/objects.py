"""The same under Helm, Argo CD and `kubectl apply`: ordinary objects only."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

FOREIGN = {"Namespace", "CustomResourceDefinition"}
SERVER_SIDE = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


@rule("objects/hooks", "Make it an ordinary object, safe to apply again.", house=True)
def check_hooks(chart: RenderedChart) -> Iterator[Violation]:
    """There is no hook but `helm test`: Argo CD would run others at other times, or never."""
    for obj in chart.objects:
        hook = obj.annotations.get("helm.sh/hook", "test")
        if hook != "test":
            yield Violation(obj, ("annotations", "helm.sh/hook"), f"{obj.identity}: hook {hook}")


@rule("objects/argo", "Remove it: order comes from waiting for a real condition.", house=True)
def check_argo(chart: RenderedChart) -> Iterator[Violation]:
    """No annotation of Argo CD's: one of its hooks turns all of Helm's off."""
    for obj in chart.objects:
        for key in obj.annotations:
            if str(key).startswith("argocd.argoproj.io/"):
                yield Violation(obj, ("annotations", key), f"{obj.identity}: {key}")


@rule("objects/foreign", "Leave it to whoever owns the cluster.", house=True)
def check_foreign(chart: RenderedChart) -> Iterator[Violation]:
    """No Namespace and no CRD is drawn: uninstalling would take everything in them."""
    for obj in chart.of_kind(*FOREIGN):
        yield Violation(obj, ("kind",), f"{obj.identity} is drawn")


@rule("objects/server-side", "Remove it: the API server writes it.")
def check_server_side(chart: RenderedChart) -> Iterator[Violation]:
    """No object states what only the API server may: server-side apply refuses it."""
    for obj in chart.objects:
        for key in SERVER_SIDE:
            if key in obj.meta or ("status" in obj.body and key == "uid"):
                yield Violation(obj, ("metadata", key), f"{obj.identity} states metadata.{key}")


@rule("objects/annotations", "Quote it.")
def check_annotations(chart: RenderedChart) -> Iterator[Violation]:
    """Every annotation's value is a text."""
    for obj in chart.objects:
        for key, value in obj.annotations.items():
            if not isinstance(value, str):
                wrong = f"{obj.identity}: annotation {key}: {value!r} is no text"
                yield Violation(obj, ("annotations", str(key)), wrong)


@rule("objects/claims", "Add persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, …}.", True)
def check_claims(chart: RenderedChart) -> Iterator[Violation]:
    """A StatefulSet with volumes says what becomes of them: nothing is orphaned by surprise."""
    for obj in chart.of_kind("StatefulSet"):
        policy = obj.spec.get("persistentVolumeClaimRetentionPolicy") or {}
        if obj.spec.get("volumeClaimTemplates") and set(policy) != {"whenDeleted", "whenScaled"}:
            wrong = f"{obj.identity} does not say what becomes of its volumes"
            yield Violation(obj, ("spec", "persistentVolumeClaimRetentionPolicy"), wrong)
