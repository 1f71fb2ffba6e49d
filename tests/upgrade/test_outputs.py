"""The text of the report: what is printed once, and what is left out."""

from rich.text import Text

from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.outputs import format_block, list_blocks


def find(field: str, what: str = "changes", remedy: str = "Act.", **more: object) -> Finding:
    rule, severity = str(more.pop("rule", "values/a")), more.pop("severity", Severity.PERSON)
    subject = str(more.pop("subject", "chart"))
    assert isinstance(severity, Severity)
    return Finding(rule, severity, subject, tuple(field.split(".")), what, "Why.", remedy, **more)  # type: ignore[arg-type]


def show(findings: list[Finding], main: str = "main") -> list[str]:
    blocks = list_blocks(findings)
    return [Text.from_markup(format_block(block, main)).plain for block in blocks]


def test_reason_and_remedy_of_different_findings_are_printed_once() -> None:
    (text,) = show([find("a"), find("b", "vanishes")])
    assert text.splitlines() == [
        "person chart a values/a",
        "  changes",
        "person chart b values/a",
        "  vanishes",
        "  Why.",
        "  → Act.",
    ]


def test_another_remedy_is_another_block() -> None:
    assert len(show([find("a"), find("b", remedy="Wait."), find("c")])) == 2


def test_counts_the_fields_that_it_does_not_list() -> None:
    (text,) = show([find(field) for field in "abcde"])
    assert "person chart a" in text
    assert "… and 2 more fields" in text


def test_containers_that_change_alike_are_one_reason_of_a_restart() -> None:
    changes = [
        find(
            f"spec.containers.name={name}.image",
            rule="restart/template",
            severity=Severity.RESTART,
            subject="Deployment/a",
            old="x:1",
            new="x:2",
            cases=("main: defaults",),
        )
        for name in ("a", "b")
    ]
    (text,) = show(changes)
    assert 'spec.containers[name=a].image (and 1 more) changes: "x:1" → "x:2"' in text
    assert "name=b" not in text


def test_counts_the_reasons_of_a_restart_that_the_main_chart_does_not_cause() -> None:
    restart = {"rule": "restart/template", "severity": Severity.RESTART}
    (text,) = show([find(field, **restart, cases=("other: full",)) for field in ("a", "b")])
    assert text.splitlines()[0] == "restart chart restart/template (other: full): 2 changed fields"
