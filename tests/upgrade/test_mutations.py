"""Changes that broke upgrades of other projects are reported, and harmless changes are not."""

from pathlib import Path

import pytest
from tests.upgrade.mutation import Mutation, build_sides, read_mutations

from carbon.upgrade.cases import Case
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.pairing import remove_hash
from carbon.upgrade.run import examine_case, examine_charts

SERIOUS = (Severity.BREAKING, Severity.PERSON)


def examine(mutation: Mutation, original: Path, root: Path, tmp_path: Path) -> list[Finding]:
    """Return the findings about the upgrade from the original to the changed charts."""
    before, after = build_sides(mutation, original, root, tmp_path)
    file = before / "ci" / f"{mutation.values}-values.yaml" if mutation.values else None
    case = Case(before, after, mutation.chart, file)
    return [*examine_case(case), *examine_charts(before, after, mutation.reverse)]


def describe(findings: list[Finding]) -> str:
    """Return what the check reports, for the message of a failed test."""
    return "\n".join(f"{f.severity} {f.rule} {f.subject} {f.field}: {f.what}" for f in findings)


@pytest.mark.parametrize("mutation", read_mutations("breakages.yaml"), ids=str)
def test_reports_a_breakage_with_field_reason_and_remedy(
    mutation: Mutation, original: Path, root: Path, tmp_path: Path
) -> None:
    findings = examine(mutation, original, root, tmp_path)
    found = {(f.rule, remove_hash(f.subject), f.field): f for f in findings}
    assert mutation.wanted <= found.keys(), describe(findings)
    for key in mutation.wanted:
        assert found[key].why
        if mutation.rule == "restart/template":
            assert found[key].severity == Severity.RESTART
        else:
            assert found[key].severity in SERIOUS
            assert found[key].remedy


@pytest.mark.parametrize("mutation", read_mutations("harmless.yaml"), ids=str)
def test_reports_no_problem_about_a_harmless_change(
    mutation: Mutation, original: Path, root: Path, tmp_path: Path
) -> None:
    findings = examine(mutation, original, root, tmp_path)
    expected = mutation.wanted if mutation.rule else set()
    serious = [f for f in findings if f.severity != Severity.NOTE]
    assert {(f.rule, f.subject, f.field) for f in serious} == expected, describe(serious)


def test_lists_at_least_forty_breakages_and_twelve_harmless_changes() -> None:
    assert len(read_mutations("breakages.yaml")) >= 40
    assert len(read_mutations("harmless.yaml")) >= 12
