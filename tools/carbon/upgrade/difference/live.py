"""Reads a release of a cluster from the Secret in which Helm stores it."""

import base64
import binascii
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lightkube.resources.core_v1 import Secret

from carbon.charts.render import Object
from carbon.errors import CarbonError
from carbon.files import parse_documents
from carbon.platform.target import UNUSABLE, Target
from carbon.upgrade.contract import Revisions, read_installed_revisions
from carbon.upgrade.sides import InputError

_OWNER: dict[str, Any] = {"owner": "helm"}
"""The label of the Secrets in which Helm stores releases (pkg/storage/driver/secrets.go)."""
_SERVER_SIDE = "ssa"
"""The apply method of releases that Helm 4 writes with server-side apply (pkg/release/v1)."""
MISJUDGED = {
    *("RayCluster", "RayService"),
    *("AuthorizationPolicy", "DestinationRule", "PeerAuthentication", "Sidecar"),
}
"""Kinds of which Helm's watcher can wait in vain for a status (docs/upgrade.md, section 'How Helm
waits'): an upgrade would fail, and would be rolled back, although the release is healthy."""


@dataclass(frozen=True)
class Stored:
    """A revision of a release, as Helm stores it."""

    name: str
    namespace: str
    revision: int
    status: str
    version: str
    """The version of the chart."""
    values: dict[str, Any]
    """The values that were given, without the defaults."""
    objects: tuple[Object, ...]
    server_side: bool
    """True if Helm 4 writes the objects with server-side apply."""
    chart: str = ""
    """The name of the chart."""
    revisions: Revisions = field(default_factory=dict)
    """The revisions of the data."""

    @property
    def flags(self) -> list[str]:
        """The flags for a Helm 4 that upgrades from this revision or rolls back to it.

        Without --force-conflicts, server-side apply fails where another program, such as an
        autoscaler or kubectl, has written a field. Helm refuses the flag for client-side apply.
        """
        return ["--force-conflicts"] if self.server_side else []

    @property
    def wait(self) -> str:
        """The flag with which a Helm 4 waits for the release.

        The strategy `legacy` waits for no custom resource, and like `watcher` for workloads.
        """
        kinds = {str(body.get("kind")) for body in self.objects}
        return "--wait=legacy" if kinds & MISJUDGED else "--wait"

    @property
    def label(self) -> str:
        """The release as messages name it."""
        return f"release {self.name}, revision {self.revision} ({self.version}, {self.status})"


def decode(text: str) -> Stored:
    """Return the revision in the field `release` of a Secret's data.

    Raises:
        CarbonError: the field has another format.
    """
    try:
        packed = base64.b64decode(base64.b64decode(text))
        stored = json.loads(gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed)
        manifests = [stored.get("manifest") or ""]
        meta = stored["chart"]["metadata"]
        manifests += [hook.get("manifest") or "" for hook in stored.get("hooks") or []]
        return Stored(
            stored["name"],
            stored["namespace"],
            int(stored["version"]),
            str(stored["info"]["status"]),
            str(meta["version"]),
            stored.get("config") or {},
            tuple(body for text in manifests for body in parse_documents(text) if body),
            stored.get("apply_method") == _SERVER_SIDE,
            str(meta["name"]),
            read_installed_revisions(meta),
        )
    except (binascii.Error, OSError, ValueError, KeyError, TypeError) as wrong:
        raise CarbonError(
            f"a Secret of Helm has an unknown format: {wrong!r}",
            "Run helm history with the Helm that wrote the release.",
        ) from wrong


def read_release(target: Target, name: str) -> Stored:
    """Return the newest revision of a release that is deployed, or else the newest one.

    Revisions of data are the highest of this revision and of the later ones: a failed upgrade may
    have changed the data.

    Raises:
        InputError: the namespace has no such release.
        CarbonError: the API server refuses to list Secrets.
    """
    found = list_stored(target, name)
    merged: Revisions = {}
    for each in found:
        merged |= {key: max(merged.get(key, 0), number) for key, number in each.revisions.items()}
    return replace(found[0], revisions=merged)


def list_stored(target: Target, name: str) -> Sequence[Stored]:
    """Return the newest deployed revision of a release and the later ones, oldest first.

    Without a deployed one, return the newest revision.

    Raises:
        InputError: the namespace has no such release.
        CarbonError: the API server refuses to list Secrets.
    """
    try:
        found = list(target.client.list(Secret, namespace=target.namespace, labels=_OWNER))
    except UNUSABLE as trouble:
        raise CarbonError(
            f"can't list Secrets in namespace {target.namespace}: {trouble}",
            f"kubectl {target.kubectl_flags} auth can-i list secrets shows whether you may.",
        ) from trouble
    labels = [(secret.metadata.labels or {}) if secret.metadata else {} for secret in found]
    revisions = [
        (int(each.get("version", 0)), each.get("status") == "deployed", secret)
        for each, secret in zip(labels, found, strict=True)
        if each.get("name") == name
    ]
    revisions.sort(key=lambda each: each[0])
    if not revisions:
        known = ", ".join(sorted({each.get("name", "") for each in labels})) or "none"
        raise InputError(
            f"there is no release {name} in namespace {target.namespace}; releases: {known}",
            "Set --context and --namespace to where the release is, or write live/NAME.",
        )
    deployed = [number for number, is_deployed, _ in revisions if is_deployed]
    first = deployed[-1] if deployed else revisions[-1][0]
    return [
        decode((secret.data or {}).get("release", ""))
        for number, _, secret in revisions
        if number >= first
    ]


def find_revision(target: Target, number: int | None = None) -> Stored | None:
    """Return a revision of the release whose flags count; None if there is none.

    Helm upgrades by the method of the newest revision (`number` is None), and rolls back by that of
    the revision to which it goes back.
    """
    try:
        found = list_stored(target, target.release)
    except InputError:
        return None
    listed = [each for each in found if number in (None, each.revision)]
    return listed[-1] if listed else None
