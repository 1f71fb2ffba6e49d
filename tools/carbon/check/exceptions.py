"""Exceptions from rules, each with its reason: `schemas/exceptions.yaml` of a checkout."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from carbon.charts.files import read_yaml, shown
from carbon.check.findings import RULES, Finding, declare
from carbon.check.locate import in_values
from carbon.errors import CarbonError

FILE = Path("schemas") / "exceptions.yaml"
UNUSED = declare(
    "exceptions/used",
    "Every exception still excuses something.",
    f"Remove it from {FILE}.",
    house=True,
)


@dataclass(frozen=True)
class Excuse:
    """One exception."""

    rule: str
    """The rule, or a pattern such as kube-score/*."""
    why: str
    chart: str = "*"
    object: str = "*"
    """Kind/name, or a pattern."""
    line: int = 1

    def excuses(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        return (
            fnmatchcase(finding.rule, self.rule)
            and fnmatchcase(finding.chart, self.chart)
            and fnmatchcase(finding.subject, self.object)
        )


def excuses(root: Path) -> list[Excuse]:
    """The exceptions of a checkout.

    Raises:
        CarbonError: one has no rule, no reason, or another key than an exception has.
    """
    path = root / FILE
    if not path.exists():
        return []
    found = []
    for at, row in enumerate(read_yaml(path).get("exceptions") or []):
        line = in_values(path, ["exceptions", at])
        try:
            found.append(Excuse(**row, line=line))
        except TypeError as wrong:
            raise CarbonError(
                f"{shown(path)}:{line}: {wrong}", "Write rule, why, and chart or object."
            ) from wrong
    return found


def sifted(
    findings: Iterable[Finding], given: list[Excuse], complete: bool
) -> tuple[list[Finding], list[Finding]]:
    """What is left of findings, and what was excused; `complete`: every chart was checked.

    An exception that excused nothing is a finding itself.
    """
    left: list[Finding] = []
    excused: list[Finding] = []
    used: set[Excuse] = set()
    for finding in findings:
        reasons = [each for each in given if each.excuses(finding)]
        used |= set(reasons)
        (excused if reasons else left).append(finding)
    for each in given if complete else []:
        if each not in used:
            what = f"the exception from {each.rule} excuses nothing"
            remedy = RULES[UNUSED].remedy
            left.append(Finding(UNUSED, "", "", str(FILE), each.line, what, remedy))
    return left, excused
