"""Jobs and CronJobs: they end, once, and leave room for the next."""

from collections.abc import Iterator

from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule


@rule("jobs/ttl", "Remove ttlSecondsAfterFinished: whoever applies again would run it again.", True)
def ttl(drawn: Drawn) -> Iterator[Fault]:
    """A Job stays when it has finished; without it Argo CD would make it anew for ever."""
    for thing in drawn.of_kind("Job"):
        if "ttlSecondsAfterFinished" in thing.spec:
            yield Fault(thing, ("spec", "ttlSecondsAfterFinished"), f"{thing.identity} goes away")


@rule("jobs/named", "Draw it with common.job.", house=True)
def named(drawn: Drawn) -> Iterator[Fault]:
    """A Job's name ends with the hash of what it does: a Job can't be changed."""
    for thing in drawn.of_kind("Job"):
        if thing.workload == thing.identity:
            wrong = f"{thing.identity}: the name has no hash, so a changed pod can't be applied"
            yield Fault(thing, ("metadata", "name"), wrong)


@rule("jobs/overlap", "Set concurrencyPolicy: Forbid (or Replace).")
def overlap(drawn: Drawn) -> Iterator[Fault]:
    """Runs of a CronJob never pile up."""
    for thing in drawn.of_kind("CronJob"):
        if thing.spec.get("concurrencyPolicy", "Allow") == "Allow":
            yield Fault(thing, ("spec", "concurrencyPolicy"), f"{thing.identity}: runs may overlap")


@rule("jobs/late", "Set startingDeadlineSeconds: after 100 missed starts it never starts again.")
def late(drawn: Drawn) -> Iterator[Fault]:
    """A CronJob that missed its starts goes on."""
    for thing in drawn.of_kind("CronJob"):
        if not thing.spec.get("startingDeadlineSeconds"):
            wrong = f"{thing.identity} has no startingDeadlineSeconds"
            yield Fault(thing, ("spec", "schedule"), wrong)


@rule("jobs/ends", "Set activeDeadlineSeconds in the jobTemplate.")
def ends(drawn: Drawn) -> Iterator[Fault]:
    """A run of a CronJob ends some time, so that the next one can begin."""
    for thing in drawn.of_kind("CronJob"):
        job = (thing.spec.get("jobTemplate") or {}).get("spec") or {}
        if not job.get("activeDeadlineSeconds"):
            wrong = f"{thing.identity}: a run may last for ever"
            yield Fault(thing, ("jobTemplate", "spec"), wrong)


@rule("jobs/sidecar", 'Annotate the pod with sidecar.istio.io/nativeSidecar: "true".')
def sidecar(drawn: Drawn) -> Iterator[Fault]:
    """A pod that ends inside the mesh has a native sidecar, which ends with it."""
    for thing, pod in drawn.pods():
        meta = pod.get("metadata") or {}
        labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
        meshed = labels.get("sidecar.istio.io/inject") == "true"
        if meshed and notes.get("sidecar.istio.io/nativeSidecar") != "true":
            wrong = (
                f"{thing.identity}: its sidecar starts after the init containers, and never ends"
            )
            yield Fault(thing, ("metadata", "annotations"), wrong)


@rule("jobs/restarts", "Set restartPolicy: OnFailure or Never.")
def restarts(drawn: Drawn) -> Iterator[Fault]:
    """What runs to an end is not started again when it has succeeded."""
    for thing in drawn.of_kind("Job", "CronJob", "Pod"):
        for pod in thing.pods:
            if pod["spec"].get("restartPolicy", "Always") == "Always":
                yield Fault(thing, ("restartPolicy",), f"{thing.identity}: restartPolicy: Always")
