"""The same under Helm, Argo CD and `kubectl apply`: ordinary objects only."""

from collections.abc import Iterator

from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule

FOREIGN = {"Namespace", "CustomResourceDefinition"}
SERVER_SIDE = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


@rule("objects/hooks", "Make it an ordinary object, safe to apply again.", house=True)
def hooks(drawn: Drawn) -> Iterator[Fault]:
    """There is no hook but `helm test`: Argo CD would run others at other times, or never."""
    for thing in drawn.things:
        hook = thing.annotations.get("helm.sh/hook", "test")
        if hook != "test":
            yield Fault(thing, ("annotations", "helm.sh/hook"), f"{thing.identity}: hook {hook}")


@rule("objects/argo", "Remove it: order comes from waiting for a real condition.", house=True)
def argo(drawn: Drawn) -> Iterator[Fault]:
    """No annotation of Argo CD's: one of its hooks turns all of Helm's off."""
    for thing in drawn.things:
        for key in thing.annotations:
            if str(key).startswith("argocd.argoproj.io/"):
                yield Fault(thing, ("annotations", key), f"{thing.identity}: {key}")


@rule("objects/foreign", "Leave it to whoever owns the cluster.", house=True)
def foreign(drawn: Drawn) -> Iterator[Fault]:
    """No Namespace and no CRD is drawn: uninstalling would take everything in them."""
    for thing in drawn.of_kind(*FOREIGN):
        yield Fault(thing, ("kind",), f"{thing.identity} is drawn")


@rule("objects/server-side", "Remove it: the API server writes it.")
def server_side(drawn: Drawn) -> Iterator[Fault]:
    """No object states what only the API server may: server-side apply refuses it."""
    for thing in drawn.things:
        for key in SERVER_SIDE:
            if key in thing.meta or ("status" in thing.body and key == "uid"):
                yield Fault(thing, ("metadata", key), f"{thing.identity} states metadata.{key}")


@rule("objects/annotations", "Quote it.")
def annotations(drawn: Drawn) -> Iterator[Fault]:
    """Every annotation's value is a text."""
    for thing in drawn.things:
        for key, value in thing.annotations.items():
            if not isinstance(value, str):
                wrong = f"{thing.identity}: annotation {key}: {value!r} is no text"
                yield Fault(thing, ("annotations", str(key)), wrong)


@rule("objects/claims", "Add persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, …}.", True)
def claims(drawn: Drawn) -> Iterator[Fault]:
    """A StatefulSet with volumes says what becomes of them: nothing is orphaned by surprise."""
    for thing in drawn.of_kind("StatefulSet"):
        policy = thing.spec.get("persistentVolumeClaimRetentionPolicy") or {}
        if thing.spec.get("volumeClaimTemplates") and set(policy) != {"whenDeleted", "whenScaled"}:
            wrong = f"{thing.identity} does not say what becomes of its volumes"
            yield Fault(thing, ("spec", "persistentVolumeClaimRetentionPolicy"), wrong)
