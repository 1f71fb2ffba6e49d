"""Recreates lost Secrets of the embedded stores; the credentials Job creates them only once."""

import json
from collections.abc import Collection
from typing import Any

from lightkube.core.client import LabelSelector
from lightkube.resources.apps_v1 import Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import ConfigMap, Secret

from carbon.console import err, step
from carbon.errors import CarbonError
from carbon.platform.target import Target

_GENERATED: LabelSelector = {"app": "data-services-credentials"}
_DATABASES: LabelSelector = {"app": "postgresql-databases"}
_OWNED_BY_JOB = ("controller-uid", "job-name")


def list_generated(target: Target) -> set[str]:
    """Return the names of the Secrets that the credentials Job of the release creates."""
    names = set()
    labels = _select(target, _GENERATED)
    for files in target.client.list(ConfigMap, namespace=target.namespace, labels=labels):
        names |= {s["name"] for s in json.loads((files.data or {}).get("credentials.json", "[]"))}
    return names


def has_created(target: Target) -> bool:
    """Return whether the credentials Job is complete, so that it creates no Secret any more."""
    jobs = _list_jobs(target, _GENERATED)
    return bool(jobs) and all(map(_is_complete, jobs))


def recreate(target: Target) -> None:
    """Recreate lost Secrets of the stores with new passwords; restart workloads that read them.

    The data of Redis and of the S3 server contain no passwords. PostgreSQL sets its superuser's
    password at each start, and the databases Job sets the passwords of the databases' owners.

    Raises:
        CarbonError: a Secret is lost on a cluster other than the local one, where clients outside
            of the release can use it; or a Job does not complete.
    """
    lost = list_generated(target) - {
        (s.metadata.name or "")
        for s in target.client.list(Secret, namespace=target.namespace)
        if s.metadata
    }
    if not lost or not has_created(target):
        return
    names = ", ".join(sorted(lost))
    if target.context:
        raise CarbonError(
            f"these Secrets of the stores were deleted: {names}",
            "Restore them from a backup (docs/backup.md) to keep the passwords, or recreate them "
            "with new passwords: docs/rotate-credentials.md, section 'Recreate a lost Secret'.",
        )
    err.print(f"… these Secrets of the stores were deleted: {names}; they get new passwords")
    with step(f"recreate {names} and restart the pods that read them"):
        _repeat(target, _GENERATED)
        stores = _list_readers(target, StatefulSet, lost)
        _restart(target, stores)
        _repeat(target, _DATABASES)
        _restart(target, _list_readers(target, Deployment, lost))


def _list_jobs(target: Target, labels: LabelSelector) -> list[Job]:
    labels = _select(target, labels)
    return list(target.client.list(Job, namespace=target.namespace, labels=labels))


def _select(target: Target, labels: LabelSelector | None = None) -> LabelSelector:
    """Return the labels of objects of the release."""
    return {"app.kubernetes.io/instance": target.release, **(labels or {})}


def _is_complete(job: Job) -> bool:
    conditions = (job.status.conditions if job.status else None) or []
    return any(c.type == "Complete" and c.status == "True" for c in conditions)


def _repeat(target: Target, labels: LabelSelector) -> None:
    """Delete complete Jobs and create them again; wait until the new Jobs are complete."""
    for job in filter(_is_complete, _list_jobs(target, labels)):
        text = json.dumps(reset_job(job.to_dict()))
        target.kubectl("replace", "--force", "-f", "-", stdin=text)
        name = job.metadata.name if job.metadata else ""
        target.kubectl("wait", "--for=condition=Complete", f"job/{name}", "--timeout=3m")


def reset_job(job: dict[str, Any]) -> dict[str, Any]:
    """Return a Job as it was before it was created: without what the API server added."""
    meta = {
        k: job["metadata"][k]
        for k in ("name", "namespace", "labels", "annotations")
        if k in job["metadata"]
    }
    spec = {k: v for k, v in job["spec"].items() if k not in ("selector", "manualSelector")}
    template = dict(spec["template"])
    template["metadata"] = {
        **template.get("metadata", {}),
        "labels": {
            key: value
            for key, value in template.get("metadata", {}).get("labels", {}).items()
            if key.rpartition("/")[2] not in _OWNED_BY_JOB
        },
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta} | {
        "spec": spec | {"template": template}
    }


def _list_readers(
    target: Target, kind: type[Deployment] | type[StatefulSet], lost: set[str]
) -> list[str]:
    """Return the workloads of the release whose pods read one of the Secrets, as KIND/NAME."""
    return [
        f"{kind.__name__.lower()}/{each.metadata.name}"
        for each in target.client.list(kind, namespace=target.namespace, labels=_select(target))
        if each.metadata and lost & set(_list_words(each.to_dict()))
    ]


def _list_words(value: Any) -> list[str]:
    """Return all strings in a nested value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [word for each in value for word in _list_words(each)]
    return [value] if isinstance(value, str) else []


def _restart(target: Target, workloads: Collection[str]) -> None:
    if workloads:
        target.kubectl("rollout", "restart", *workloads)
        for workload in workloads:
            target.kubectl("rollout", "status", workload, "--timeout=5m")
