"""The changed objects: without what a reader does not need, and without values of Secrets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from carbon.charts.annotations import HOOK, is_kept_by_helm
from carbon.charts.render import Object, identity
from carbon.check.findings import KeyPath
from carbon.upgrade.findings import ORDER, Finding, Severity, merge_findings
from carbon.upgrade.objects.changes import Change
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.objects.pairing import Pair
from carbon.upgrade.rules.references import list_references

HIDDEN = "(hidden)"
"""What stands for each value of a Secret."""
_CHART = ("metadata", "labels", "helm.sh/chart")
_DATA = ("data", "stringData", "binaryData")
_CHECKSUM = "checksum/"


@dataclass(frozen=True)
class ObjectChange:
    """An object that an upgrade changes, adds, deletes or renames."""

    kind: str
    """What happens: changed, added, deleted, renamed or kept."""
    name: str
    """The object as Kind/name."""
    fields: tuple[Change, ...] = ()
    """The fields that differ."""
    new_name: str = ""
    """The object as Kind/name after a rename."""


@dataclass(frozen=True)
class Restart:
    """A workload whose pods restart."""

    name: str
    how: str
    """How the workload replaces its pods."""
    reasons: tuple[str, ...]
    """The changed fields, and objects whose changes a checksum follows."""


@dataclass(frozen=True)
class Difference:
    """What changes between two versions of the charts."""

    restarts: tuple[Restart, ...]
    deletions: tuple[ObjectChange, ...]
    changes: tuple[ObjectChange, ...]
    findings: tuple[Finding, ...]
    """The findings that break the upgrade or need a person."""

    @property
    def verdict(self) -> Severity | None:
        """The most serious consequence; None if nothing changes."""
        found = {finding.severity for finding in self.findings}
        found |= {Severity.RESTART} if self.restarts else set()
        found |= {Severity.NOTE} if self.deletions or self.changes else set()
        return next((severity for severity in ORDER if severity in found), None)


def build_difference(comparison: Comparison, findings: Iterable[Finding]) -> Difference:
    """Return the difference of the objects of two versions, with the findings about them."""
    merged = [hide_finding(finding) for finding in merge_findings(findings)]
    pairs = [pair for pair in comparison.pairs if not _is_test(pair.body)]
    listed = [_describe(pair, pairs) for pair in pairs]
    gone = ("deleted", "renamed", "kept")
    return Difference(
        tuple(_list_restarts(merged)),
        tuple(each for each in listed if each and each.kind in gone),
        tuple(each for each in listed if each and each.kind not in gone),
        tuple(f for f in merged if f.severity in (Severity.BREAKING, Severity.PERSON)),
    )


def _is_test(body: Object) -> bool:
    """Return whether an object is a pod of `helm test`, which no upgrade creates."""
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(HOOK, "")).startswith("test")


def _list_restarts(findings: Iterable[Finding]) -> Iterator[Restart]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for each in findings:
        if each.rule.startswith("restart/"):
            is_sum = bool(each.path) and each.path[-1].startswith(_CHECKSUM)
            reason = each.what if is_sum else each.field
            grouped.setdefault((each.subject, each.why), []).append(reason)
    for (name, how), reasons in grouped.items():
        yield Restart(name, how, tuple(dict.fromkeys(reasons)))


def _describe(pair: Pair, pairs: Iterable[Pair]) -> ObjectChange | None:
    """Return what an upgrade does with an object; None if nothing that a reader needs."""
    if not pair.before:
        return ObjectChange("added", pair.name)
    if not pair.after:
        return ObjectChange("kept" if is_kept_by_helm(pair.before) else "deleted", pair.name)
    fields = tuple(_list_fields(pair, pairs))
    if pair.is_renamed:
        return ObjectChange("renamed", pair.name, fields, identity(pair.new))
    return ObjectChange("changed", pair.name, fields) if fields else None


def _list_fields(pair: Pair, pairs: Iterable[Pair]) -> Iterator[Change]:
    """Yield the fields that differ, with values of Secrets hidden."""
    for change in pair.changes:
        path = change.path
        if path == _CHART:
            continue
        if path[-1].startswith(_CHECKSUM) and _is_explained(pair, pairs):
            continue
        if pair.is_renamed and path == ("metadata", "name"):
            continue
        yield hide_change(change) if pair.kind == "Secret" else change


def _is_explained(pair: Pair, pairs: Iterable[Pair]) -> bool:
    """Return whether an object that this one reads changes, so that a checksum follows it."""
    read = {reference.target for reference in list_references(pair.new)}
    return any(other.name in read and other.changes for other in pairs)


def hide_change(change: Change) -> Change:
    """Return a change of a Secret without the Secret's values."""
    if change.path[0] not in _DATA:
        return change
    return replace(change, old=_hide(change.old), new=_hide(change.new))


def hide_finding(finding: Finding) -> Finding:
    """Return a finding about a Secret without the Secret's values."""
    if not finding.subject.startswith("Secret/") or not _names_data(finding.path):
        return finding
    return replace(finding, old=_hide(finding.old), new=_hide(finding.new))


def _names_data(path: KeyPath) -> bool:
    return not path or path[0] in _DATA


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hide(child) for key, child in value.items()}
    return None if value is None else HIDDEN
