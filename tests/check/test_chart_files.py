"""Chart.yaml, values.yaml and the schema are readable, and their keys agree."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.charts.discovery import read_chart
from carbon.charts.merging import forget_defaults
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding
from carbon.check.sources.chart_files import (
    CONDITION,
    IMPORT,
    READABLE,
    VERSIONS,
    check_chart_files,
    find_unreadable,
)

SWITCHED = {"condition": "store.enabled"}
Check = Callable[..., list[Finding]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check the chart `web` of a checkout, with a dependency on the subchart `store`."""

    def run(dependency: dict[str, Any], values: dict[str, Any], ours: bool = True) -> list[Finding]:
        forget_defaults()
        folder = tmp_path / "charts" / "web"
        inner = folder / "charts" / "store"
        inner.mkdir(parents=True)
        row = {"name": "store", "version": "1.0.0", **dependency}
        about = {"apiVersion": "v2", "version": "1.0.0"}
        write(folder / "Chart.yaml", {"name": "web", **about, "dependencies": [row]})
        write(folder / "values.yaml", values)
        write(inner / "Chart.yaml", {"name": "store", **about})
        write(inner / "values.yaml", {"enabled": True, "exports": {"data": {"port": 1}}})
        if ours:
            (tmp_path / "schemas").mkdir()
            write(tmp_path / "schemas" / "components.yaml", {})
        return check_chart_files(tmp_path, folder).findings

    return run


def test_reports_a_dependency_without_the_condition_that_its_values_have(check: Check) -> None:
    (finding,) = check({}, {})
    assert (finding.rule, finding.line) == (CONDITION, 5)


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.mark.parametrize(
    ("rule", "dependency", "values"),
    [
        (CONDITION, {"condition": "stor.enabled"}, {}),
        (CONDITION, {"condition": "store.enabled,more.on"}, {}),
        (CONDITION, {"condition": "store.on"}, {"store": {"on": "yes"}}),
        (CONDITION, {"condition": "mine.enabled"}, {"mine": {"enabled": False}}),
        (CONDITION, {"tags": ["back-end"]}, {"tags": {"front-end": True}}),
        (IMPORT, {"import-values": ["dta"], **SWITCHED}, {}),
        (IMPORT, {"import-values": [{"child": "exports.dta", "parent": "d"}], **SWITCHED}, {}),
    ],
)
def test_reports_a_dependency_with_a_wrong_condition_tag_or_import(
    check: Check, rule: str, dependency: dict[str, Any], values: dict[str, Any]
) -> None:
    (finding,) = check(dependency, values)
    assert (finding.rule, finding.file, finding.line) == (rule, "charts/web/Chart.yaml", 7)


@pytest.mark.parametrize(
    ("dependency", "values", "ours"),
    [
        ({"condition": "store.enabled"}, {}, True),
        ({"condition": "mine.enabled"}, {"mine": {"enabled": False}}, False),
        ({"condition": "store.create"}, {}, False),
        ({"tags": ["back-end"]}, {}, False),
        ({"tags": ["back-end"]}, {"tags": {"back-end": False}}, True),
        ({"import-values": ["data", {"child": "exports.data", "parent": "d"}]}, {}, False),
        ({}, {}, False),
    ],
)
def test_accepts_a_valid_dependency_and_any_condition_of_another_projects_chart(
    check: Check, dependency: dict[str, Any], values: dict[str, Any], ours: bool
) -> None:
    assert check(dependency, values, ours) == []


@pytest.mark.parametrize(
    ("versions", "reported"),
    [
        (">=1.33.0", 1),
        ("1.33.x", 1),
        ("1.33.0 - 1.40.0", 1),
        (">=1.25.0-0 <1.27.0 || >=1.28.0", 1),
        (">=1.33.0-0", 0),
        (">= 1.33-0, < 2.0.0", 0),
        ("~1.33.x-0 || ^1.35.0-0", 0),
    ],
)
def test_reports_a_kube_version_that_excludes_versions_with_a_suffix(
    tmp_path: Path, versions: str, reported: int
) -> None:
    write(tmp_path / "Chart.yaml", {"name": "web", "version": "1.0.0", "kubeVersion": versions})
    findings = check_chart_files(tmp_path, tmp_path).findings
    assert [(each.rule, each.line) for each in findings] == [(VERSIONS, 3)] * reported


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("Chart.yaml", "name: web\nversion: [1\n", 2),
        ("Chart.yaml", "name: web\nversion: 1\n", 2),
        ("Chart.yaml", "name: web\nversion: 1.0.0\ndependencies:\n  - alias: a\n", 4),
        ("values.yaml", "a: 1\nb: c: 2\n", 2),
        ("values.yaml", "- a\n", 1),
        ("values.schema.json", "{\n{\n", 2),
    ],
)
def test_reports_an_unreadable_file(tmp_path: Path, name: str, text: str, line: int) -> None:
    (tmp_path / "Chart.yaml").write_text("name: web\nversion: 1.0.0\n")
    chart = read_chart(tmp_path)
    (tmp_path / name).write_text(text)
    (finding,) = find_unreadable(Checkout(tmp_path), chart, {})
    assert (finding.rule, finding.file, finding.line) == (READABLE, name, line)
