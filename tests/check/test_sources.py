"""`carbon check` reads actions from templates, and rows from tables in schemas/.

These are the functions and values in the actions of templates, the line of an action, the rows of
the components table, and the selectors in values files.
"""

from pathlib import Path

import pytest

from carbon.check.sources.components import read_components
from carbon.check.sources.selectors import SAME, check_selectors
from carbon.check.sources.templates import find_forbidden, find_reads, read_actions


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{{ (lookup "v1" "Secret" "a" "b").data }}', ["lookup"]),
        ("{{- $x := randAlphaNum 12 | b64enc -}}", ["randAlphaNum"]),
        ('{{ now | date "2006" }}', ["now", "date"]),
        ('{{ .Values.env }}{{ $now := "lookup" }}{{- /* lookup */ -}} lookup env:', []),
        ("{{ if include (print $.Template.BasePath) . }}{{ toYaml .env-name }}", []),
    ],
)
def test_finds_forbidden_functions_in_actions_but_not_in_strings_or_comments(
    template: str, found: list[str]
) -> None:
    assert find_forbidden(template) == found


@pytest.mark.parametrize(
    ("action", "paths"),
    [
        ("if .Values.a.b", [("a", "b")]),
        ("include .x (dict 1 $.Values.a 2 .ctx.Values.global.c)", [("a",), ("global", "c")]),
        ('index .Values "data-services" "enabled"', [("data-services", "enabled")]),
        ('print ".Values.a" .values.b .Values', []),
    ],
)
def test_finds_the_values_that_an_action_reads(action: str, paths: list[tuple[str, ...]]) -> None:
    assert sorted(find_reads(action)) == sorted(paths)


def test_an_action_has_its_line_and_its_named_template(tmp_path: Path) -> None:
    path = tmp_path / "a.tpl"
    path.write_text(
        '{{ .a }}\n{{- define "x" }}\n{{ if .b }}{{ end }}{{ .c }}\n{{- end }}\n{{ .d }}'
    )
    found = {action.text: (action.line, action.define) for action in read_actions(path)}
    assert found[".a"] == (1, "")
    assert found[".c"] == (3, "x")
    assert found[".d"] == (5, "")


def test_expands_a_range_of_ports_in_the_components_table(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    row = "ray: {Deployment/a: {app: a, services: {s: {head: 1, w-*: 5-7}}}}"
    (tmp_path / "schemas" / "components.yaml").write_text(row)
    (found,) = read_components(tmp_path)
    assert found.services == {"s": {"head": 1, "w-5": 5, "w-6": 6, "w-7": 7}}


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ("stores:\n  a:\n    pods: [web-0]\n    selector: {app: web}\n", [4]),
        ("table:\n  b: {services: [web], selector: {app: wbe}}\n", [2]),
        ("table:\n  b: {services: [web], selector: {app: web}}\n", []),
        ("table:\n  b: {services: [web], namespace: n, selector: {app: wbe}}\n", []),
        ("table:\n  b: {services: [db], selector: {app: wbe}}\n", []),
        ("table: [\n", []),
    ],
)
def test_reports_a_selector_that_differs_from_that_in_the_production_values(
    tmp_path: Path, values: str, lines: list[int]
) -> None:
    for name, text in {
        "schemas/components.yaml": "{}",
        "charts/web/Chart.yaml": "{name: web, version: 1.0.0}",
        "values/production.yaml": "t: {a: {services: [web], selector: {app: web}},\n"
        "  b: {pods: [web-0], selector: {app: web-server}}}",
        "charts/web/ci/own-values.yaml": values,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = check_selectors(tmp_path).findings
    file = "charts/web/ci/own-values.yaml"
    assert [(each.rule, each.file, each.line) for each in found] == [(SAME, file, n) for n in lines]
