"""Objects that an unfinished operation of Helm leaves, and that Helm does not handle afterwards.

Helm compares a new revision with the newest revision that was deployed. Therefore it never deletes
an object that only revisions between the two have created, such as a Job whose pod waits for a
ConfigMap that does not exist. A rollback compares with the newest revision.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

import yaml

from carbon.console import err
from carbon.platform.history import DEPLOYED, Name, Revision, list_objects, read_history
from carbon.platform.target import Target

_RETAINED = "PersistentVolumeClaim"
"""A kind whose objects hold data."""


def list_running_orphans(target: Target) -> frozenset[Name] | None:
    """Return `list_orphans` while Helm installs a revision; None before it has stored that one."""
    history = read_history(target)
    pending = history and history[-1].status.startswith("pending")
    return _subtract(target, history) if pending else None


def list_orphans(target: Target) -> frozenset[Name]:
    """Return the objects of the failed revisions before the newest one that the newest one lacks.

    The failed revisions are those since the newest revision before them that was deployed. Objects
    that Helm's annotation `helm.sh/resource-policy: keep` retains are left out.
    """
    return _subtract(target, read_history(target))


def _subtract(target: Target, history: Sequence[Revision]) -> frozenset[Name]:
    failed = list(takewhile(lambda r: r.status not in DEPLOYED, reversed(history[:-1])))
    if not failed:
        return frozenset()
    created = {name for revision in failed for name in list_objects(target, revision)}
    return frozenset(created.difference(list_objects(target, history[-1])))


def delete_orphans(target: Target) -> None:
    """Delete the objects that `list_orphans` returns, without volumes, and print their names."""
    orphans = [name for name in list_orphans(target) if name[1] != _RETAINED]
    _delete(target, orphans, "deleted what only failed revisions had created")


def delete_jobs(target: Target, number: int) -> None:
    """Delete the Jobs that a rollback to a revision cannot patch, and print their names.

    An upgrade that is killed or refused half-way has created its Jobs, but not deleted those of the
    version before. Helm patches an object that exists, but is missing in the newest revision. If
    the release uses client-side apply, the patch removes the fields that only the object on the
    cluster has (`Client.update` in Helm's pkg/kube/client.go). The API server refuses a Job without
    its selector. Helm creates a deleted Job again.
    """
    history = read_history(target)
    [goal] = [each for each in history if each.number == number]
    names = set(list_objects(target, goal)).difference(list_objects(target, history[-1]))
    jobs = [name for name in names if name[1] == "Job"]
    _delete(target, jobs, "deleted Jobs that Helm creates again")


def _delete(target: Target, names: Iterable[Name], what: str) -> None:
    """Delete objects, and print the names if one of them existed."""
    ordered = sorted(names)
    if not ordered:
        return
    objects = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
        for version, kind, name in ordered
    ]
    words = ("delete", "--ignore-not-found", "--wait=false", "-f", "-")
    if target.kubectl(*words, stdin=yaml.safe_dump_all(objects)):
        listed = ", ".join(f"{kind} {name}" for _, kind, name in ordered)
        err.print(f"  {what}: {listed}", markup=False)
