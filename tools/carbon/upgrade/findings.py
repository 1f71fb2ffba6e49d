"""Findings of the upgrade check: their severity, and the version bump that they need."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

from carbon.check.findings import KeyPath


class Severity(StrEnum):
    """What a finding means for the person who upgrades, the most serious first."""

    BREAKING = "breaking"
    """The upgrade fails, or loses data or connections."""
    PERSON = "person"
    """A person must decide or act before or after the upgrade."""
    RESTART = "restart"
    """Pods restart."""
    NOTE = "note"
    """Nothing breaks and no pod restarts."""


ORDER = tuple(Severity)
"""The severities, the most serious first."""


class Bump(IntEnum):
    """The part of a semantic version that a change raises."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


_BUMPS = {
    Severity.BREAKING: Bump.MAJOR,
    Severity.PERSON: Bump.MINOR,
    Severity.RESTART: Bump.PATCH,
    Severity.NOTE: Bump.PATCH,
}


@dataclass(frozen=True)
class Finding:
    """One difference between two versions that a person who upgrades should know."""

    rule: str
    """The rule's name, such as immutable/field."""
    severity: Severity
    subject: str
    """The object as Kind/name, or the chart, or the key of the values."""
    path: KeyPath
    """The field of the object; an entry of a list with a name is `name=x`."""
    what: str
    """What changes."""
    why: str
    """Why this matters."""
    remedy: str = ""
    """What to do; empty if there is nothing to do."""
    old: Any = None
    """The value in the old version, as far as it can be shown."""
    new: Any = None
    """The value in the new version."""
    bump: Bump = Bump.NONE
    """The least version bump; by default that of the severity."""
    helm: tuple[str, ...] = ()
    """The major versions of Helm under which an API server refuses the object; empty if the API
    server does not refuse the object."""
    chart: str = ""
    cases: tuple[str, ...] = ()
    """The values files with which the finding occurs."""

    @property
    def key(self) -> tuple[object, ...]:
        """The fields that two findings about the same difference share.

        A value of `global` is the same in all charts.
        """
        shared = self.rule.startswith("values/") and self.path[:1] == ("global",)
        subject = "" if shared else self.subject
        return self.rule, self.severity, subject, self.path, self.what

    @property
    def least_bump(self) -> Bump:
        """The least version bump that the finding needs."""
        return self.bump or _BUMPS[self.severity]

    @property
    def field(self) -> str:
        """The path of the field as text, such as `spec.ports[name=http].port`."""
        return format_path(self.path)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "chart": self.chart,
            "subject": self.subject,
            "field": self.field,
            "path": list(self.path),
            "what": self.what,
            "why": self.why,
            "remedy": self.remedy,
            "old": self.old,
            "new": self.new,
            "bump": self.least_bump.name.lower(),
            "helm": list(self.helm),
            "cases": list(self.cases),
        }


def from_dict(data: dict[str, Any]) -> Finding:
    """Return the finding that `Finding.to_dict` wrote."""
    given = {key: value for key, value in data.items() if key != "field"}
    return Finding(
        **given
        | {
            "severity": Severity(data["severity"]),
            "bump": Bump[data["bump"].upper()],
            "path": tuple(data["path"]),
            "helm": tuple(data["helm"]),
            "cases": tuple(data["cases"]),
        }
    )


def format_path(path: KeyPath) -> str:
    """Return the path of a field as text, such as `spec.ports[name=http].port`."""
    text = ""
    for key in path:
        if "=" in key or key.isdecimal():
            text += f"[{key}]"
        elif "." in key or "/" in key:
            text += f'["{key}"]'
        else:
            text += f".{key}" if text else key
    return text


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without repetitions, the most serious first.

    A finding that occurs with several values files, or in a chart and in the umbrella, is one
    finding with all its cases.
    """
    merged: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        if (known := merged.get(each.key)) is None:
            merged[each.key] = each
        else:
            cases = tuple(dict.fromkeys((*known.cases, *each.cases)))
            merged[each.key] = replace(known, cases=cases)
    return sorted(
        merged.values(), key=lambda f: (ORDER.index(f.severity), f.rule, f.subject, f.path)
    )
