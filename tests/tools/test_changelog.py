"""The section of a release in CHANGELOG.md, and its annotations for Artifact Hub."""

from dataclasses import replace
from datetime import date

import pytest
import yaml

from carbon.charts.discovery import Chart, find_charts
from carbon.errors import CarbonError
from carbon.release.changelog import add_section, build_changes
from carbon.release.prepare import set_changes, set_version
from carbon.upgrade.findings import Finding, Severity

DAY = date(2026, 11, 30)
START = (
    "# Changelog\n\n## Unreleased\n\n- A queue\n  for jobs.\n\n## 0.1.0 (2026-01-01)\n\n- First.\n"
)


def build_finding(severity: Severity, chart: str, subject: str, field: str) -> Finding:
    return Finding("a/rule", severity, subject, tuple(field.split(".")), "changes", "", chart=chart)


FINDINGS = [
    build_finding(Severity.BREAKING, "mlflow", "Deployment/mlflow", "spec.selector"),
    build_finding(Severity.RESTART, "254carbon", "StatefulSet/redis", "spec.image"),
    build_finding(Severity.RESTART, "254carbon", "StatefulSet/redis", "spec.env"),
    build_finding(Severity.NOTE, "mlflow", "Service/mlflow", "spec.ports"),
]


def test_a_release_takes_the_unreleased_notes_and_the_findings() -> None:
    text = add_section(START, "0.2.0", DAY, "0.1.0", FINDINGS)
    assert text == (
        "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-30)\n\n- A queue for jobs.\n\n"
        "### Breaks the upgrade from 0.1.0\n\n"
        "- `Deployment/mlflow` (`spec.selector`) changes.\n\n"
        "### Pods that restart in the upgrade from 0.1.0\n\n- `StatefulSet/redis`\n\n"
        "## 0.1.0 (2026-01-01)\n\n- First.\n"
    )


def test_a_repeated_release_keeps_its_notes_and_replaces_its_findings() -> None:
    once = add_section(START, "0.2.0", DAY, "0.1.0", FINDINGS)
    assert add_section(once, "0.2.0", DAY, "0.1.0", FINDINGS) == once
    more = once.replace("## Unreleased\n", "## Unreleased\n\n- More.\n", 1)
    again = add_section(more, "0.2.0", DAY, "0.1.0", [])
    assert again.count("## 0.2.0") == 1
    assert "\n- More.\n- A queue for jobs.\n" in again
    assert "Breaks" not in again


def test_lines_have_at_most_120_characters() -> None:
    long = START.replace("A queue", "A queue with many words, and one more word," * 9)
    text = add_section(long, "0.2.0", DAY, "0.1.0", FINDINGS)
    notes = [" ".join(["word"] * 200)]
    changes = build_changes("254carbon", "0.1.0", notes, FINDINGS)
    assert 100 < max(map(len, text.splitlines())) <= 120
    assert 100 < max(map(len, changes.splitlines())) <= 116
    assert yaml.safe_load(changes)[0] == {"kind": "changed", "description": notes[0]}
    assert add_section(text, "0.2.0", DAY, "0.1.0", FINDINGS) == text


def test_many_changes_of_one_charts_values_are_one_entry() -> None:
    findings = [
        replace(
            build_finding(severity, "feast", "feast", f"key{n}"),
            what=f"refuses {n}",
            remedy="Check.",
        )
        for n in range(6)
        for severity in (Severity.BREAKING, Severity.PERSON)
    ]
    text = " ".join(add_section(START, "0.2.0", DAY, "0.1.0", findings).split())
    entry = "- `feast` (`key0`, `key1`, `key2`, `key3`, 2 more) accepts fewer values of these keys;"
    assert text.count(entry) == 2
    assert text.count("lists them. Check.") == 2


def test_a_refused_value_has_the_remedy_of_the_chart() -> None:
    finding = replace(
        build_finding(Severity.BREAKING, "feast", "feast", "key"),
        rule="values/refused",
        what="refuses 2",
        remedy="Before the upgrade, write 1.",
    )
    text = add_section(START, "0.2.0", DAY, "0.1.0", [finding])
    assert "- `feast` (`key`) refuses 2. Before the upgrade, write 1.\n" in text


def test_a_changelog_without_the_section_unreleased_is_refused() -> None:
    with pytest.raises(CarbonError, match="no section Unreleased"):
        add_section("# Changelog\n", "0.2.0", DAY, "0.1.0", [])


def test_a_chart_has_its_own_changes_and_the_umbrella_has_those_of_all_charts() -> None:
    changes = {
        chart: [each["description"] for each in yaml.safe_load(text) or []]
        for chart in ("254carbon", "mlflow", "feast")
        for text in [build_changes(chart, "0.1.0", ["A queue."], FINDINGS)]
    }
    broken = "Breaks the upgrade from 0.1.0: Deployment/mlflow (spec.selector) changes."
    restarted = "Pods that restart in the upgrade from 0.1.0: StatefulSet/redis"
    assert changes == {
        "254carbon": ["A queue.", broken, restarted],
        "mlflow": [broken],
        "feast": [],
    }


def test_an_annotation_has_at_most_20_changes_and_one_about_the_rest() -> None:
    listed = yaml.safe_load(build_changes("254carbon", "0.1.0", [f"{n}" for n in range(30)], []))
    assert len(listed) == 21
    assert listed[-1]["description"] == "CHANGELOG.md lists 10 more changes."


def test_sets_the_version_of_a_chart_its_dependencies_and_no_other() -> None:
    text = (
        'version: 0.1.0\nappVersion: "0.1.0"\ndependencies:\n'
        "  - name: a\n    version: 0.1.0\n  - name: b\n    version: 3.0.0\n"
    )
    assert set_version(text, "0.2.0") == text.replace("0.1.0", "0.2.0")
    assert set_version("version: 0.1.0\nappVersion: 10.1.0\n", "0.2.0").endswith("10.1.0\n")


def test_replaces_the_changes_of_the_release_before() -> None:
    text = "name: web\nannotations:\n  artifacthub.io/license: Apache-2.0\n"
    first = set_changes(text, "- kind: changed\n  description: one\n", "web")
    second = set_changes(first, "- kind: changed\n  description: two\n", "web")
    assert yaml.safe_load(second)["annotations"] == {
        "artifacthub.io/license": "Apache-2.0",
        "artifacthub.io/changes": "- kind: changed\n  description: two\n",
    }
    assert set_changes(second, "", "web") == text
    with pytest.raises(CarbonError, match="web: the last key is not annotations"):
        set_changes(f"{text}home: x\n", "", "web")


@pytest.mark.parametrize("chart", find_charts(), ids=lambda chart: chart.name)
def test_every_chart_has_a_place_for_the_changes(chart: Chart) -> None:
    path = chart.folder / "Chart.yaml"
    changed = set_changes(path.read_text(), "- kind: changed\n  description: one\n", str(path))
    assert "artifacthub.io/license: Apache-2.0" in changed
