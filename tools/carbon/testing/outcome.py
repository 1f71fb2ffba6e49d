"""Reads the outcome of a suite.

The outcome is the numbers of passed, failed and skipped tests in the suite's JUnit report, or the
exit status without a report.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_NO_TESTS = 5
"""Pytest's exit status when it collected no test."""


@dataclass(frozen=True)
class Outcome:
    """The result of one suite. A suite without a report counts as one test."""

    tier: str
    suite: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0
    notes: tuple[str, ...] = ()
    """Why tests did not run."""

    @property
    def state(self) -> str:
        """`failed`, `passed` or `not run`."""
        if self.failed:
            return "failed"
        return "passed" if self.passed else "not run"


def read_outcome(
    tier: str, suite: str, status: int, report: Path | None, seconds: float
) -> Outcome:
    """Return the outcome of a suite from its exit status and, if it wrote one, its report.

    A suite that fails although its report has no failure counts as one failed test.
    """
    no_tests = status == _NO_TESTS and report is not None
    passed, failed = int(status == 0), int(status != 0 and not no_tests)
    skipped: tuple[str, ...] = ()
    if report is not None and report.exists():
        passed, failed, skipped = _count(report)
        if status and not failed and not no_tests:
            failed = 1  # the suite crashed, or failed after its last test
    notes = tuple(dict.fromkeys(skipped))
    if not (passed or failed or notes):
        notes = ("no tests",)
    return Outcome(tier, suite, passed, failed, seconds, notes)


def summarize(outcomes: list[Outcome]) -> str:
    """Return the summary line of a run: the numbers of passed and failed tests."""
    passed, failed = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
    return f"{passed} passed, {failed} failed"


def _count(report: Path) -> tuple[int, int, tuple[str, ...]]:
    """Return the numbers of passed and failed tests, and the reason of each skipped test."""
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - this project's file
    skipped = [case.find("skipped") for case in cases]
    bad = [c for c in cases if c.find("failure") is not None or c.find("error") is not None]
    reasons = tuple(s.get("message") or "skipped" for s in skipped if s is not None)
    return len(cases) - len(bad) - len(reasons), len(bad), reasons
