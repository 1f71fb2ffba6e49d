"""Alerts and dashboards tell the truth: each alert fires, stays silent, and asks what there is.

(That their tests pass is for `carbon check`, which has promtool play them.)
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.cases import APIS, CHARTS
from tests.charts.watching import (
    BOARDS,
    RULES,
    RUNBOOKS,
    asked,
    family,
    known,
    metrics,
    selectors,
)

from carbon.charts import dashboards
from carbon.charts.alerts import Rules
from carbon.charts.render import Render, render_objects

SEVERITIES = {"critical", "warning", "info"}


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_no_series_is_a_number_to_yaml(rules: Rules) -> None:
    # 0x60 is hexadecimal there, and so a single sample: 0+0x60 is a series.
    series = [s for test in rules.plays()["tests"] for s in test["input_series"]]
    assert [s["series"] for s in series if not isinstance(s["values"], str)] == []


def test_every_file_of_rules_is_drawn() -> None:
    written = {
        f"{chart.name}/{path.stem}" for chart in CHARTS for path in chart.folder.glob("alerts/*")
    }
    assert {str(rules) for rules in RULES} == written


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_alert_is_seen_to_fire_to_stay_silent_and_without_any_series(rules: Rules) -> None:
    cases = [
        (bool(test["input_series"]), case["alertname"], bool(case["exp_alerts"]))
        for test in rules.plays()["tests"]
        for case in test["alert_rule_test"]
    ]
    for alert in rules.alerts():
        assert any(a == alert and fires for _, a, fires in cases), f"{alert} never fires"
        assert (True, alert, False) in cases, f"{alert} never stays silent"
        assert any(a == alert and not s for s, a, _ in cases), f"{alert} without series is untested"


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_alert_says_how_bad_it_is_and_what_to_do(rules: Rules) -> None:
    page = (RUNBOOKS / f"{rules.name}.md").read_text("utf-8")
    sections = re.findall(r"^## (\w+)$", page, re.M)
    assert sorted(sections) == sorted(rules.alerts()), "the page's sections are not its alerts"
    for name, alert in rules.alerts().items():
        assert alert["labels"]["severity"] in SEVERITIES, name
        assert alert["annotations"]["summary"], name
        address = alert["annotations"]["runbook_url"]
        assert address.endswith(f"/docs/runbooks/{rules.name}.md#{name.lower()}"), name
        assert "for" in alert, f"{name}: one failed scrape would fire it"


def test_no_alert_is_there_twice() -> None:
    names = [name for rules in RULES for name in rules.alerts()]
    assert len(names) == len(set(names))


def test_rules_and_dashboards_name_only_metrics_that_are_known() -> None:
    unknown = {
        where: strange
        for where, names in asked().items()
        if (strange := {name for name in names if family(name) not in known()})
    }
    assert unknown == {}


def test_metrics_are_read_from_queries_wherever_they_stand() -> None:
    query = 'sum by (pod) (rate(a_total{b="c"}[$__rate_interval])) / absent(d == 1) or vector(0)'
    assert metrics(query) == {"a_total", "d"}


@pytest.mark.parametrize("path", BOARDS, ids=lambda p: p.stem)
def test_every_query_of_a_dashboard_stays_in_the_chosen_namespace(path: Path) -> None:
    for query in dashboards.queries(dashboards.read(path)):
        for selector in selectors(query):
            if (selector.name or "").startswith(("DCGM_", "velero_")):
                continue  # of GPUs, which belong to nodes, and of Velero, which has its own
            chosen = {m.name: m.value for m in selector.matchers.matchers}
            assert chosen.get("namespace") == "$namespace", query


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_nothing_is_left_to_fill_in(chart: Any) -> None:
    watched = Render(chart.folder, sets=("global.monitoring.enabled=true",), apis=APIS)
    rules = [t for t in render_objects(watched) if t["kind"] == "PrometheusRule"]
    assert "${" not in yaml.safe_dump(rules)
