"""Alerts have promtool tests and a runbook section.

Alerts and dashboards query known metrics only, and dashboards query the selected namespace only.
`carbon check` runs the promtool tests; this module checks that each alert has them.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import APIS, CHARTS
from tests.charts.monitoring import (
    BOARDS,
    RULES,
    RUNBOOKS,
    known_metrics,
    list_used_metrics,
    metric_family,
    parse_metrics,
    parse_selectors,
)

from carbon.charts.alerts import Rules
from carbon.charts.generate import dashboards
from carbon.charts.render import Render, render_objects

SEVERITIES = {"critical", "warning", "info"}


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_the_values_of_test_series_are_strings(rules: Rules) -> None:
    # YAML reads 0x60 as the number 96; promtool needs the string 0+0x60.
    series = [s for test in rules.read_tests()["tests"] for s in test["input_series"]]
    assert [s["series"] for s in series if not isinstance(s["values"], str)] == []


def test_every_file_of_alerts_is_rendered() -> None:
    files = {
        f"{chart.name}/{path.stem}" for chart in CHARTS for path in chart.folder.glob("alerts/*")
    }
    assert {str(rules) for rules in RULES} == files


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_alert_has_tests_with_and_without_firing_and_without_series(rules: Rules) -> None:
    cases = [
        (bool(test["input_series"]), case["alertname"], bool(case["exp_alerts"]))
        for test in rules.read_tests()["tests"]
        for case in test["alert_rule_test"]
    ]
    for alert in rules.list_alerts():
        assert any(a == alert and fires for _, a, fires in cases), (
            f"{alert}: no test where it fires"
        )
        assert (True, alert, False) in cases, f"{alert}: no test where it does not fire"
        assert any(a == alert and not s for s, a, _ in cases), f"{alert}: no test without series"


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_alert_has_a_severity_a_summary_and_a_runbook_section(rules: Rules) -> None:
    page = (RUNBOOKS / f"{rules.name}.md").read_text("utf-8")
    sections = re.findall(r"^## (\w+)$", page, re.M)
    assert sorted(sections) == sorted(rules.list_alerts()), (
        "the sections of the runbook differ from the alerts"
    )
    for name, alert in rules.list_alerts().items():
        assert alert["labels"]["severity"] in SEVERITIES, name
        assert alert["annotations"]["summary"], name
        url = alert["annotations"]["runbook_url"]
        assert url.endswith(f"/docs/runbooks/{rules.name}.md#{name.lower()}"), name
        assert "for" in alert, f"{name}: without `for`, one failed scrape fires the alert"


def test_no_two_alerts_have_the_same_name() -> None:
    names = [name for rules in RULES for name in rules.list_alerts()]
    assert len(names) == len(set(names))


def test_alerts_and_dashboards_query_only_metrics_of_the_metric_lists() -> None:
    unlisted = {
        location: unknown
        for location, names in list_used_metrics().items()
        if (unknown := {name for name in names if metric_family(name) not in known_metrics()})
    }
    assert unlisted == {}


def test_the_parser_finds_every_metric_of_a_query() -> None:
    query = 'sum by (pod) (rate(a_total{b="c"}[$__rate_interval])) / absent(d == 1) or vector(0)'
    assert parse_metrics(query) == {"a_total", "d"}


@pytest.mark.parametrize("path", BOARDS, ids=lambda p: p.stem)
def test_every_dashboard_query_selects_the_namespace_of_the_dashboard(path: Path) -> None:
    for query in dashboards.list_queries(dashboards.read_source(path)):
        for selector in parse_selectors(query):
            if (selector.name or "").startswith(("DCGM_", "velero_")):
                continue  # GPUs belong to nodes, and Velero has its own namespace
            matchers = {m.name: m.value for m in selector.matchers.matchers}
            assert matchers.get("namespace") == "$namespace", query


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_rendered_alerts_contain_no_placeholder(chart: Any) -> None:
    monitored = Render(chart.folder, sets=("global.monitoring.enabled=true",), apis=APIS)
    rules = [obj for obj in render_objects(monitored) if obj["kind"] == "PrometheusRule"]
    assert "${" not in yaml.safe_dump(rules)
