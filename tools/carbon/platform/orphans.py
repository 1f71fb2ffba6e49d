"""Objects that only failed revisions of the release have created.

Helm compares a new revision with the newest revision that was deployed. Therefore it never deletes
an object that only revisions between the two have created, such as a Job whose pod waits for a
ConfigMap that does not exist.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import takewhile

import yaml

from carbon.charts.annotations import is_kept_by_helm
from carbon.console import err
from carbon.files import parse_documents
from carbon.platform.recovery import DEPLOYED, Revision, read_history
from carbon.platform.target import Target

Name = tuple[str, str, str]
"""apiVersion, kind and name of an object."""
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
    created = {name for revision in failed for name in _list_objects(target, revision)}
    return frozenset(created.difference(_list_objects(target, history[-1])))


def delete_orphans(target: Target) -> None:
    """Delete the objects that `list_orphans` returns, without volumes, and print their names."""
    orphans = sorted(name for name in list_orphans(target) if name[1] != _RETAINED)
    if not orphans:
        return
    objects = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
        for version, kind, name in orphans
    ]
    words = ("delete", "--ignore-not-found", "--wait=false", "-f", "-")
    if target.kubectl(*words, stdin=yaml.safe_dump_all(objects)):
        names = ", ".join(f"{kind} {name}" for _, kind, name in orphans)
        err.print(f"  deleted what only failed revisions had created: {names}", markup=False)


def _list_objects(target: Target, revision: Revision) -> Iterator[Name]:
    words = ["get", "manifest", target.release, "--revision", str(revision.number)]
    words += ["--namespace", target.namespace]
    manifest = asyncio.run(target.make_helm().run(words)).decode()
    for each in parse_documents(manifest):
        if each and not is_kept_by_helm(each):
            yield each["apiVersion"], each["kind"], each["metadata"]["name"]
