"""The report of a check, which every output format shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carbon.check.findings import Finding
from carbon.upgrade.summary import Summary

CHECKS = {
    "schemas": "schemas, values and templates agree; texts use this project's words",
    "rendering": "Helm 3 and Helm 4 render the same objects, in every render",
    "kubernetes": "every object is valid under every supported Kubernetes minor",
    "properties": "this project's rules about rendered objects",
    "argo": "Argo CD renders the same objects; the release is small enough for its Secret",
    "published": "the rule sets of kube-score and checkov",
    "suites": "the charts' own tests, `ct lint` and promtool",
    "keys": "another value of every key of the schemas has an effect",
    "deep": "random values",
}
"""The checks and what they examine, in the order of the columns of the report."""
DEEP = frozenset({"keys", "deep"})
"""The checks that run only with --deep, or if they are named with --only."""
DEFAULT = CHECKS.keys() - DEEP
"""The checks that run without --deep and --only."""
_OF = {
    "values": "schemas",
    "schema": "schemas",
    "prose": "schemas",
    "chart": "schemas",
    "check": "rendering",
    "render": "rendering",
    "templates": "argo",
    "objects": "argo",
    "release": "argo",
    "kubernetes": "kubernetes",
    "yaml": "kubernetes",
    "kube-score": "published",
    "checkov": "published",
    "suites": "suites",
    "keys": "keys",
    "deep": "deep",
    "exceptions": "properties",
}


Key = tuple[str, str, int, str]


def check_of(rule: str) -> str:
    """Return the name of the check that a rule belongs to."""
    return _OF.get(rule.partition("/")[0], "properties")


@dataclass
class Report:
    """The charts and checks of a run, and the findings."""

    charts: list[str]
    checks: list[str]
    findings: list[Finding] = field(default_factory=list)
    """Each finding once, however many cases have it."""
    excused: list[Finding] = field(default_factory=list)
    cases: dict[tuple[str, str, int, str], list[str]] = field(default_factory=dict)
    """A finding's key -> the charts and cases that have it."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Chart -> counts by name."""
    minors: tuple[str, ...] = ()
    services: Mapping[str, Any] = field(default_factory=dict)
    """The services table: `global.services` of the umbrella's default values."""
    upgrade: Summary | None = None
    """The summary of the upgrade from the newest release, if there is a release."""
    seed: int = 0
    """The first seed of the random values of `--deep`."""
    seconds: float = 0
    reused: int = 0
    """Number of results from the cache."""
    tasks: int = 0

    def add(self, finding: Finding) -> bool:
        """Add a finding; return whether the report did not have it."""
        where = f"{finding.chart}: {finding.case}"
        known = self.cases.get(finding.key)
        if known is None:
            self.cases[finding.key] = [where]
            self.findings.append(finding)
        elif where not in known:
            known.append(where)
        return known is None

    def replace(self, findings: list[Finding], cases: Mapping[Key, list[str]]) -> None:
        """Replace the findings, and the charts and cases of each."""
        self.findings = findings
        self.cases = dict(cases)

    def count(self, chart: str, counts: dict[str, int]) -> None:
        """Add counts of a chart to the earlier counts; of `bytes`, keep the largest."""
        row = self.counts.setdefault(chart, {})
        for name, number in counts.items():
            row[name] = (
                max(row.get(name, 0), number) if name == "bytes" else row.get(name, 0) + number
            )

    def count_findings(self, chart: str, check: str) -> int:
        """Return the number of findings of a chart in a check."""
        return sum(
            1
            for finding in self.findings
            if check_of(finding.rule) == check
            and any(where.startswith(f"{chart}: ") for where in self.cases[finding.key])
        )
