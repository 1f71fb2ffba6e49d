"""Fields that an API server does not let an update change."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from carbon.charts import annotations
from carbon.check.findings import KeyPath
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import Change, get_path
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.objects.pairing import Pair

TABLE = ROOT / "schemas" / "upgrade" / "immutable.yaml"
"""The table of immutable fields."""
HOOK: KeyPath = ("metadata", "annotations", annotations.HOOK)
"""The path of the annotation that makes an object a hook."""
REFUSED = ("3", "4")
"""The versions of Helm under which the API server refuses a change of an immutable field."""


@dataclass(frozen=True)
class ImmutableField:
    """A row of the table: a field, and when it is immutable."""

    path: KeyPath
    excepted: tuple[KeyPath, ...]
    both: bool
    """True if the field is immutable only while both versions set it."""
    when: tuple[tuple[KeyPath, Any], ...]
    since: str
    until: str
    source: str
    remedy: str

    def covers(self, change: Change) -> bool:
        """Return whether a change is one of this field, or of a field below it."""
        path = change.path
        if self.both and (change.is_added or change.is_removed):
            return False
        return path[: len(self.path)] == self.path and not any(
            path[: len(each)] == each for each in self.excepted
        )

    def applies(self, old: Any, minor: str) -> bool:
        """Return whether the field is immutable in an object under a Kubernetes minor."""
        number = _parse(minor)
        in_range = _parse(self.since or "0.0") <= number <= _parse(self.until or "9.999")
        return in_range and all(get_path(old, path) == value for path, value in self.when)


def _parse(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))


@cache
def read_table() -> dict[str, tuple[ImmutableField, ...]]:
    """Return the immutable fields by kind."""
    return {kind: tuple(map(_read_row, rows)) for kind, rows in read_yaml(TABLE).items()}


def _read_row(row: dict[str, Any]) -> ImmutableField:
    return ImmutableField(
        path=tuple(row["field"].split(".")),
        excepted=tuple(tuple(each.split(".")) for each in row.get("except", ())),
        both=bool(row.get("both")),
        when=tuple((tuple(k.split(".")), v) for k, v in row.get("when", {}).items()),
        since=row.get("since", ""),
        until=row.get("until", ""),
        source=row["source"],
        remedy=" ".join(row["remedy"].split()),
    )


def find_immutable(comparison: Comparison) -> Iterator[Finding]:
    """Yield each changed field that the API server does not let an update change.

    Helm deletes the object of a hook before it creates the next one, so that hooks have no such
    field.
    """
    for pair in comparison.kept:
        if get_path(pair.old, HOOK) and get_path(pair.new, HOOK):
            continue
        for row in read_table().get(pair.kind, ()):
            if row.applies(pair.old, comparison.minor):
                for change in pair.changes:
                    if row.covers(change) and not _is_ignored(pair, change):
                        yield _report(pair, row, change)


def _is_ignored(pair: Pair, change: Change) -> bool:
    """Return whether the API server replaces a missing value by the old value."""
    return pair.kind == "PersistentVolumeClaim" and change.path == ("spec", "volumeName")


def _report(pair: Pair, row: ImmutableField, change: Change) -> Finding:
    field = ".".join(row.path)
    kind, _, name = pair.name.partition("/")
    return Finding(
        "immutable/field",
        Severity.BREAKING,
        pair.name,
        change.path,
        f"changes {field}, which is immutable in a {kind}",
        "The API server refuses the update, and the upgrade fails.",
        row.remedy.replace("KIND NAME", f"{kind.lower()} {name}").replace("NAME", name),
        change.old,
        change.new,
        helm=REFUSED,
    )
