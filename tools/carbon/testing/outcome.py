"""What came of a suite: counted from its report, or from its exit status."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_NO_TESTS = 5
"""Pytest's exit status when it found no test."""


@dataclass(frozen=True)
class Outcome:
    """One suite's result; a suite that reports no tests of its own counts as one."""

    tier: str
    suite: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0
    notes: tuple[str, ...] = ()
    """Why something did not run."""

    @property
    def state(self) -> str:
        """In a word or two: failed, passed, not run."""
        if self.failed:
            return "failed"
        return "passed" if self.passed else "not run"


def counted(tier: str, suite: str, status: int, report: Path | None, seconds: float) -> Outcome:
    """The outcome of a suite that ended with an exit status and perhaps wrote a report."""
    no_tests = status == _NO_TESTS and report is not None
    passed, failed = int(status == 0), int(status != 0 and not no_tests)
    skipped: tuple[str, ...] = ()
    if report is not None and report.exists():
        passed, failed, skipped = _read(report)
        if status and not failed and not no_tests:
            failed = 1  # it broke off, or fell over afterwards
    notes = tuple(dict.fromkeys(skipped))
    if not (passed or failed or notes):
        notes = ("no tests",)
    return Outcome(tier, suite, passed, failed, seconds, notes)


def total(outcomes: list[Outcome]) -> str:
    """The last line of a run, for people and programs."""
    passed, failed = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
    return f"{passed} passed, {failed} failed"


def _read(report: Path) -> tuple[int, int, tuple[str, ...]]:
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - our own file
    skipped = [case.find("skipped") for case in cases]
    bad = [c for c in cases if c.find("failure") is not None or c.find("error") is not None]
    reasons = tuple(s.get("message") or "skipped" for s in skipped if s is not None)
    return len(cases) - len(bad) - len(reasons), len(bad), reasons
