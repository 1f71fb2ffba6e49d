"""Jobs and CronJobs: they end, once, and leave room for the next."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart


@rule("jobs/ttl", "Remove ttlSecondsAfterFinished: whoever applies again would run it again.", True)
def check_ttl(chart: RenderedChart) -> Iterator[Violation]:
    """A Job stays when it has finished; without it Argo CD would make it anew for ever."""
    for obj in chart.of_kind("Job"):
        if "ttlSecondsAfterFinished" in obj.spec:
            yield Violation(obj, ("spec", "ttlSecondsAfterFinished"), f"{obj.identity} goes away")


@rule("jobs/named", "Draw it with common.job.", house=True)
def check_named(chart: RenderedChart) -> Iterator[Violation]:
    """A Job's name ends with the hash of what it does: a Job can't be changed."""
    for obj in chart.of_kind("Job"):
        if obj.workload == obj.identity:
            wrong = f"{obj.identity}: the name has no hash, so a changed pod can't be applied"
            yield Violation(obj, ("metadata", "name"), wrong)


@rule("jobs/overlap", "Set concurrencyPolicy: Forbid (or Replace).")
def check_overlap(chart: RenderedChart) -> Iterator[Violation]:
    """Runs of a CronJob never pile up."""
    for obj in chart.of_kind("CronJob"):
        if obj.spec.get("concurrencyPolicy", "Allow") == "Allow":
            yield Violation(obj, ("spec", "concurrencyPolicy"), f"{obj.identity}: runs may overlap")


@rule("jobs/late", "Set startingDeadlineSeconds: after 100 missed starts it never starts again.")
def check_late(chart: RenderedChart) -> Iterator[Violation]:
    """A CronJob that missed its starts goes on."""
    for obj in chart.of_kind("CronJob"):
        if not obj.spec.get("startingDeadlineSeconds"):
            wrong = f"{obj.identity} has no startingDeadlineSeconds"
            yield Violation(obj, ("spec", "schedule"), wrong)


@rule("jobs/ends", "Set activeDeadlineSeconds in the jobTemplate.")
def check_ends(chart: RenderedChart) -> Iterator[Violation]:
    """A run of a CronJob ends some time, so that the next one can begin."""
    for obj in chart.of_kind("CronJob"):
        job = (obj.spec.get("jobTemplate") or {}).get("spec") or {}
        if not job.get("activeDeadlineSeconds"):
            wrong = f"{obj.identity}: a run may last for ever"
            yield Violation(obj, ("jobTemplate", "spec"), wrong)


@rule("jobs/sidecar", 'Annotate the pod with sidecar.istio.io/nativeSidecar: "true".')
def check_sidecar(chart: RenderedChart) -> Iterator[Violation]:
    """A pod that ends inside the mesh has a native sidecar, which ends with it."""
    for obj, pod in chart.pods():
        meta = pod.get("metadata") or {}
        labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
        meshed = labels.get("sidecar.istio.io/inject") == "true"
        if meshed and notes.get("sidecar.istio.io/nativeSidecar") != "true":
            wrong = f"{obj.identity}: its sidecar starts after the init containers, and never ends"
            yield Violation(obj, ("metadata", "annotations"), wrong)


@rule("jobs/restarts", "Set restartPolicy: OnFailure or Never.")
def check_restarts(chart: RenderedChart) -> Iterator[Violation]:
    """What runs to an end is not started again when it has succeeded."""
    for obj in chart.of_kind("Job", "CronJob", "Pod"):
        for pod in obj.pods:
            if pod["spec"].get("restartPolicy", "Always") == "Always":
                yield Violation(obj, ("restartPolicy",), f"{obj.identity}: restartPolicy: Always")
