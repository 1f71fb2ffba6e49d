"""Exceptions in schemas/exceptions.yaml remove accepted errors from the report of a check."""

from carbon.check.engine import exceptions
from carbon.check.engine.exceptions import RuleException
from carbon.check.findings import Finding


def test_reports_an_exception_that_matches_no_finding() -> None:
    finding = Finding("pods/image", "mlflow", "defaults", "a.yaml", 1, "wrong", subject="Job/a")
    used = RuleException("pods/*", "reason", object="Job/*")
    unused = RuleException("pods/image", "reason", chart="feast")
    left, accepted = exceptions.apply_exceptions([finding], [used, unused], complete=True)
    assert accepted == [finding]
    assert [each.rule for each in left] == [exceptions.UNUSED]
    assert exceptions.apply_exceptions([finding], [unused], complete=False) == ([finding], [])
