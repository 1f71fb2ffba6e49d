"""Reads and applies `schemas/exceptions.yaml` of a checkout.

The file lists errors of rules that the project accepts, each with a reason.
"""

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
    """One entry of schemas/exceptions.yaml: errors of a rule that the project accepts."""

    rule: str
    """A rule, or a pattern such as kube-score/*."""
    why: str
    chart: str = "*"
    object: str = "*"
    """Kind/name, or a pattern."""
    line: int = 1

    def matches(self, finding: Finding) -> bool:
        """Return whether this entry of schemas/exceptions.yaml covers a finding."""
        return (
            fnmatchcase(finding.rule, self.rule)
            and fnmatchcase(finding.chart, self.chart)
            and fnmatchcase(finding.subject, self.object)
        )


def read_exceptions(root: Path) -> list[RuleException]:
    """Return the exceptions of a checkout.

    Raises:
        CarbonError: an entry of schemas/exceptions.yaml has no rule, no reason, or an unknown key.
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
                f"{format_path(path)}:{line}: {wrong}",
                "Write each exception with the keys rule, why, and chart or object.",
            ) from wrong
    return found


def apply_exceptions(
    findings: Iterable[Finding], exceptions: list[RuleException], complete: bool
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that remain, and the findings that an entry of the file covers.

    If the check is `complete`, an entry of schemas/exceptions.yaml that covers no finding is
    reported as a finding itself.
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
