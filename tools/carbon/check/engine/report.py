"""The outcome of a whole check, as every output shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carbon.check.findings import Finding

CHECKS = {
    "schemas": "schemas and values agree",
    "rendering": "renders are accepted, the same twice and under both Helms",
    "kubernetes": "every object is valid under every supported Kubernetes",
    "properties": "the rules over what is drawn",
    "argo": "the same under Argo CD, in a Secret that has room",
    "published": "published rule sets",
    "suites": "the charts' own tests and linters",
    "deep": "values by chance, and every key of the schemas",
}
"""What is checked, in the order of the table."""
_OF = {
    "values": "schemas",
    "schema": "schemas",
    "render": "rendering",
    "templates": "argo",
    "objects": "argo",
    "release": "argo",
    "kubernetes": "kubernetes",
    "yaml": "kubernetes",
    "kube-score": "published",
    "checkov": "published",
    "suites": "suites",
    "deep": "deep",
    "exceptions": "properties",
}


def check_of(rule: str) -> str:
    """The check that a rule belongs to."""
    return _OF.get(rule.partition("/")[0], "properties")


@dataclass
class Report:
    """What was checked, and what was found."""

    charts: list[str]
    checks: list[str]
    findings: list[Finding] = field(default_factory=list)
    """Each once, however many cases it was found in."""
    excused: list[Finding] = field(default_factory=list)
    cases: dict[tuple[str, str, int, str], list[str]] = field(default_factory=dict)
    """A finding's key -> the charts and values it was found with."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Chart -> what was counted there."""
    minors: tuple[str, ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    """The platform's table of who may talk to whom, `global.services`."""
    seconds: float = 0
    reused: int = 0
    """Results that were in the cache."""
    tasks: int = 0

    def add(self, finding: Finding) -> bool:
        """Take a finding in; whether it is a new one."""
        where = f"{finding.chart}: {finding.case}"
        known = self.cases.get(finding.key)
        if known is None:
            self.cases[finding.key] = [where]
            self.findings.append(finding)
        elif where not in known:
            known.append(where)
        return known is None

    def count(self, chart: str, counts: dict[str, int]) -> None:
        """Add to what was counted in a chart; of bytes the most counts."""
        row = self.counts.setdefault(chart, {})
        for name, number in counts.items():
            row[name] = (
                max(row.get(name, 0), number) if name == "bytes" else row.get(name, 0) + number
            )

    def broken(self, chart: str, check: str) -> int:
        """How many findings a chart has in a check."""
        return sum(
            1
            for finding in self.findings
            if check_of(finding.rule) == check
            and any(where.startswith(f"{chart}: ") for where in self.cases[finding.key])
        )
