"""Jobs and CronJobs: every run ends, and runs do not overlap."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart


@rule(
    "jobs/ttl",
    "Remove ttlSecondsAfterFinished: after the deletion, an upgrade runs the Job again.",
    True,
)
def check_ttl(chart: RenderedChart) -> Iterator[Violation]:
    """A finished Job is not deleted: Argo CD would recreate a deleted Job again and again."""
    for obj in chart.of_kind("Job"):
        if "ttlSecondsAfterFinished" in obj.spec:
            yield Violation(
                obj,
                ("spec", "ttlSecondsAfterFinished"),
                f"{obj.identity} is deleted after it finished",
            )


@rule("jobs/named", "Render the Job with common.job.", house=True)
def check_named(chart: RenderedChart) -> Iterator[Violation]:
    """A Job's name ends with a hash of its pod: the pod template of a Job is immutable."""
    for obj in chart.of_kind("Job"):
        if obj.workload == obj.identity:
            wrong = f"{obj.identity}: the name has no hash, so a changed pod template is refused"
            yield Violation(obj, ("metadata", "name"), wrong)


@rule("jobs/overlap", "Set concurrencyPolicy: Forbid (or Replace).")
def check_overlap(chart: RenderedChart) -> Iterator[Violation]:
    """Runs of a CronJob do not overlap."""
    for obj in chart.of_kind("CronJob"):
        if obj.spec.get("concurrencyPolicy", "Allow") == "Allow":
            yield Violation(obj, ("spec", "concurrencyPolicy"), f"{obj.identity}: runs may overlap")


@rule("jobs/late", "Set startingDeadlineSeconds.")
def check_late(chart: RenderedChart) -> Iterator[Violation]:
    """A CronJob has a starting deadline: without one it stops for good after 100 missed starts."""
    for obj in chart.of_kind("CronJob"):
        if not obj.spec.get("startingDeadlineSeconds"):
            wrong = f"{obj.identity} has no startingDeadlineSeconds"
            yield Violation(obj, ("spec", "schedule"), wrong)


@rule("jobs/ends", "Set activeDeadlineSeconds in the jobTemplate.")
def check_ends(chart: RenderedChart) -> Iterator[Violation]:
    """Every run of a CronJob has a deadline, so that the next run can start."""
    for obj in chart.of_kind("CronJob"):
        job = (obj.spec.get("jobTemplate") or {}).get("spec") or {}
        if not job.get("activeDeadlineSeconds"):
            wrong = f"{obj.identity}: a run has no activeDeadlineSeconds"
            yield Violation(obj, ("jobTemplate", "spec"), wrong)


@rule("jobs/sidecar", 'Annotate the pod with sidecar.istio.io/nativeSidecar: "true".')
def check_sidecar(chart: RenderedChart) -> Iterator[Violation]:
    """A pod in the mesh has a native sidecar, which ends when a Job ends."""
    for obj, pod in chart.pods():
        meta = pod.get("metadata") or {}
        labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
        meshed = labels.get("sidecar.istio.io/inject") == "true"
        if meshed and notes.get("sidecar.istio.io/nativeSidecar") != "true":
            wrong = f"{obj.identity}: the pod has no native sidecar"
            yield Violation(obj, ("metadata", "annotations"), wrong)


@rule("jobs/restarts", "Set restartPolicy: OnFailure or Never.")
def check_restarts(chart: RenderedChart) -> Iterator[Violation]:
    """No container of a Job, a CronJob or a Pod is restarted after success."""
    for obj in chart.of_kind("Job", "CronJob", "Pod"):
        for pod in obj.pods:
            if pod["spec"].get("restartPolicy", "Always") == "Always":
                yield Violation(obj, ("restartPolicy",), f"{obj.identity}: restartPolicy is Always")
