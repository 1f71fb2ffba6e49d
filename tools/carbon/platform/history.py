"""The revisions of a release, and the objects that each of them creates."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pyhelm3 import errors

from carbon.charts.annotations import is_kept_by_helm
from carbon.files import parse_documents
from carbon.platform.target import Target

DEPLOYED = ("deployed", "superseded")
"""Status of a revision that is deployed, or was until a later revision replaced it."""
Name = tuple[str, str, str]
"""apiVersion, kind and name of an object."""


@dataclass(frozen=True)
class Revision:
    """One revision of a release, as `helm history` lists it."""

    number: int
    status: str
    updated: datetime


def read_history(target: Target) -> list[Revision]:
    """Return the revisions of the release, oldest first; none if the release is not installed."""
    words = ["history", target.release, "--namespace", target.namespace, "--output", "json"]
    try:
        output = asyncio.run(target.make_helm().run(words))
    except errors.Error as failed:
        if "not found" in (failed.stderr or b"").decode(errors="replace"):
            return []
        raise
    return [
        Revision(each["revision"], each["status"], datetime.fromisoformat(each["updated"]))
        for each in json.loads(output)
    ]


def list_objects(target: Target, revision: Revision) -> Iterator[Name]:
    """Yield the objects of a revision, without hooks and without objects that Helm retains."""
    words = ["get", "manifest", target.release, "--revision", str(revision.number)]
    words += ["--namespace", target.namespace]
    manifest = asyncio.run(target.make_helm().run(words)).decode()
    for each in parse_documents(manifest):
        if each and not is_kept_by_helm(each):
            yield each["apiVersion"], each["kind"], each["metadata"]["name"]
