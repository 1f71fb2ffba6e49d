"""Exceptions from rules, each with a reason: `schemas/exceptions.yaml` of a checkout."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import find_in_yaml
from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml

FILE = Path("schemas") / "exceptions.yaml"
UNUSED = declare(
    "exceptions/used",
    "Every exception still matches a finding.",
    f"Remove the exception from {FILE}.",
    house=True,
)


@dataclass(frozen=True)
class RuleException:
    """One accepted kind of finding."""

    rule: str
    """A rule, or a pattern such as kube-score/*."""
    why: str
    chart: str = "*"
    object: str = "*"
    """Kind/name, or a pattern."""
    line: int = 1

    def matches(self, finding: Finding) -> bool:
        """Return whether the exception covers a finding."""
        return (
            fnmatchcase(finding.rule, self.rule)
            and fnmatchcase(finding.chart, self.chart)
            and fnmatchcase(finding.subject, self.object)
        )


def read_exceptions(root: Path) -> list[RuleException]:
    """Return the exceptions of a checkout.

    Raises:
        CarbonError: an exception has no rule, no reason, or an unknown key.
    """
    path = root / FILE
    if not path.exists():
        return []
    found = []
    for at, row in enumerate(read_yaml(path).get("exceptions") or []):
        line = find_in_yaml(path, ["exceptions", at])
        try:
            found.append(RuleException(**row, line=line))
        except TypeError as wrong:
            raise CarbonError(
                f"{format_path(path)}:{line}: {wrong}", "Write rule, why, and chart or object."
            ) from wrong
    return found


def apply_exceptions(
    findings: Iterable[Finding], exceptions: list[RuleException], complete: bool
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that remain, and those that an exception covers.

    If the check is `complete`, an exception without a finding is itself a finding.
    """
    left: list[Finding] = []
    excused: list[Finding] = []
    used: set[RuleException] = set()
    for finding in findings:
        matching = [each for each in exceptions if each.matches(finding)]
        used |= set(matching)
        (excused if matching else left).append(finding)
    for each in exceptions if complete else []:
        if each not in used:
            what = f"no finding matches the exception from {each.rule}"
            left.append(make_finding(UNUSED, what, str(FILE), each.line))
    return left, excused
