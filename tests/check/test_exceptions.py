"""Exceptions remove the findings that the project accepts, and no others."""

from pathlib import Path

import pytest

from carbon.check.engine import exceptions
from carbon.check.engine.exceptions import RuleException, apply_exceptions, read_exceptions
from carbon.check.findings import Finding

RENDERED = {("mlflow", name) for name in ("Job/a-0123abcd", "Pod/a-test", "Pod/b-test", "Pod/c")}


def make(rule: str, subject: str, what: str = "wrong") -> Finding:
    return Finding(rule, "mlflow", "defaults", "a.yaml", 1, what, subject=subject)


def apply(
    *objects: str, text: str = "", checks: tuple[str, ...] = ("properties",)
) -> tuple[list[str], list[str]]:
    """Return the rules of the findings that remain, and the objects of those that are excused."""
    findings = [make("pods/image", name) for name in ("Job/a-0123abcd", "Pod/a-test", "Pod/b-test")]
    rows = [RuleException("pods/image", "reason", objects, text=text)]
    left, excused = apply_exceptions(findings, rows, RENDERED, checks)
    rules = sorted(each.rule for each in left if each.rule != "pods/image")
    return rules, [each.subject for each in excused]


@pytest.mark.parametrize(
    ("objects", "found", "excused"),
    [
        (["Job/a"], [], ["Job/a-0123abcd"]),
        (["Pod/a-test", "Pod/b-test"], [], ["Pod/a-test", "Pod/b-test"]),
        (["Pod/*-test"], [], ["Pod/a-test", "Pod/b-test"]),
        (["Pod/*"], [exceptions.NARROW], ["Pod/a-test", "Pod/b-test"]),
        (["Pod/a-*"], [exceptions.NARROW], ["Pod/a-test"]),
        (["Job/a", "Job/b"], [exceptions.UNUSED], ["Job/a-0123abcd"]),
    ],
)
def test_an_exception_excuses_its_objects_and_unused_names_or_wide_patterns_are_reported(
    objects: list[str], found: list[str], excused: list[str]
) -> None:
    assert apply(*objects) == (found, excused)
    assert apply(*objects, checks=("deep",)) == ([], excused)


def test_an_exception_with_a_text_excuses_only_messages_that_contain_it() -> None:
    assert apply("Job/a", text="wrong")[1] == ["Job/a-0123abcd"]
    assert apply("Job/a", text="other")[1] == []


def test_an_unused_exception_names_the_objects_that_the_rule_reports() -> None:
    row = RuleException("pods/image", "reason", ("Job/renamed",))
    left, _ = apply_exceptions([make("pods/image", "Job/a")], [row], RENDERED, ["properties"])
    assert "the rule reports Job/a" in left[-1].what


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("exceptions:\n  - {rule: pods/image, why: x}", "states no objects"),
        ("exceptions:\n  - {rule: pods/image, objects: [Pod/a]}", "states no why"),
        (
            "exceptions:\n  - {rule: pods/*, objects: [Pod/a], why: x}",
            "a pattern in place",
        ),
        ("exceptions:\n  - {rule: pods/image, objects: ['*'], why: x}", "in place of Kind/name"),
        ("exceptions:\n  - {rule: pods/image, objects: ['*/a'], why: x}", "in place of Kind/name"),
        ("exceptions:\n  - {rule: a/b, objects: [Pod/a], why: x, kind: Pod}", "unknown key kind"),
        ("published:\n  - {rule: pods/image, kinds: [Pod], why: x}", "a rule of this project"),
        ("published:\n  - {rule: kube-score/a, kinds: [], why: x}", "no list of kinds"),
        ("published:\n  - pods/image", "is not a map"),
        ("exceptions:\n  - {rule: a\n", "expected"),
    ],
)
def test_an_invalid_exception_is_reported_and_excuses_nothing(
    tmp_path: Path, text: str, error: str
) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / exceptions.FILE).write_text(text)
    found, (finding,) = read_exceptions(tmp_path)
    assert found == []
    assert (finding.rule, finding.file, finding.line) == (
        exceptions.STATED,
        str(exceptions.FILE),
        2,
    )
    assert error in finding.what
