"""Finds Jobs that have failed, and Deployments whose pods the API server refuses."""

from collections.abc import Iterable, Iterator
from typing import Any

from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job

from carbon.errors import CarbonError, indent_tail
from carbon.platform.obstacles import Obstacle
from carbon.platform.target import Target
from carbon.platform.workloads import Workload, read_snapshot

_OF_HELM = "meta.helm.sh/release-name"
"""The annotation of objects that Helm has created. Jobs of a CronJob have none."""
_LOG_LINES = 20


def list_failures(workloads: Iterable[Workload]) -> Iterator[Obstacle]:
    """Yield Jobs of the release that have failed, and Deployments whose pods are refused.

    Helm waits for both until its timeout ends. A controller creates no pod of a Deployment that
    would exceed a ResourceQuota; the Deployment has the condition ReplicaFailure then.
    """
    for each in workloads:
        meta = each.metadata or ObjectMeta()
        name = meta.name or ""
        is_job = isinstance(each, Job) and _OF_HELM in (meta.annotations or {})
        if is_job and (message := _find_condition(each, "Failed")):
            yield Obstacle("Job", name, f"Job {name} failed: {message}", ())
        if isinstance(each, Deployment) and (message := _find_condition(each, "ReplicaFailure")):
            yield Obstacle("pods", name, f"no pod of Deployment {name} is created: {message}", ())


def _find_condition(workload: Any, kind: str) -> str:
    """Return the message of a condition that is true; empty if there is none."""
    conditions = (workload.status.conditions if workload.status else None) or []
    found = (c for c in conditions if c.type == kind and c.status == "True")
    return next((c.message or c.reason or kind for c in found), "")


def read_logs(target: Target) -> str:
    """Return the last lines of the logs of failed Jobs, which a rollback deletes with the Jobs."""
    texts = []
    for job in list_failures(read_snapshot(target).workloads):
        if job.kind == "Job":
            try:
                words = ("logs", f"job/{job.name}", "--all-containers", f"--tail={_LOG_LINES}")
                log = indent_tail(target.kubectl(*words), _LOG_LINES)
            except CarbonError as missing:
                log = f"    {missing.what}"
            texts.append(f"\n  the log of Job {job.name}:\n{log}")
    return "".join(texts)
