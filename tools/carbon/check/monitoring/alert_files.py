"""Compares the tests and runbooks of a chart's alerts with the rendered alerts."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from carbon.charts.alerts import Rules
from carbon.charts.discovery import Chart
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import find_text

RUNBOOKS = Path("docs") / "runbooks"
RUNBOOK = declare(
    "suites/runbook",
    "Every alert has a section in the runbook of its file, and every section an alert.",
    "Add or rename the section `## ALERT`.",
    house=True,
)
TESTED = declare(
    "suites/alert-tests",
    "Every alert has a test in which it fires, one in which it does not, and one without input "
    "series. The values of a series are a string.",
    "Add or correct the test in tests/alerts of the chart.",
    house=True,
)
RENDERED = declare(
    "suites/alert-files",
    "The chart renders every file of alerts.",
    "Render the file with common.prometheusRule.",
    house=True,
)
_SECTION = re.compile(r"^## (\w+)$", re.M)


def list_inputs(checkout: Checkout, chart: Chart) -> list[Path]:
    """Return the files outside the chart that `check_alert_files` reads."""
    names = sorted(path.stem for path in (chart.folder / "alerts").glob("*.yaml"))
    return [checkout.root / RUNBOOKS / f"{name}.md" for name in names]


def check_alert_files(
    checkout: Checkout, chart: Chart, rendered: Sequence[Rules]
) -> Iterator[Finding]:
    """Yield a finding for each alert without tests or runbook, and for each file not rendered."""
    names = {rules.name for rules in rendered}
    for path in sorted((chart.folder / "alerts").glob("*.yaml")):
        if path.stem not in names:
            what = f"the chart does not render alerts/{path.name} with global.monitoring.enabled"
            yield _make_finding(RENDERED, checkout, chart, path, "", what)
    for rules in rendered:
        yield from _check_runbook(checkout, rules)
        yield from _check_tests(checkout, rules)


def _check_runbook(checkout: Checkout, rules: Rules) -> Iterator[Finding]:
    page = checkout.root / RUNBOOKS / f"{rules.name}.md"
    sections = _SECTION.findall(page.read_text("utf-8")) if page.exists() else []
    alerts = rules.list_alerts()
    source = rules.chart.folder / "alerts" / f"{rules.name}.yaml"
    for name in alerts:
        if name not in sections:
            what = f"{RUNBOOKS}/{page.name} has no section {name}"
            yield _make_finding(RUNBOOK, checkout, rules.chart, source, f"alert: {name}", what)
    for name in sections:
        if name not in alerts:
            what = f"the section {name} is about no alert of the chart"
            yield _make_finding(RUNBOOK, checkout, rules.chart, page, f"## {name}", what)


def _check_tests(checkout: Checkout, rules: Rules) -> Iterator[Finding]:
    tests = rules.read_tests()["tests"]
    source = rules.chart.folder / "alerts" / f"{rules.name}.yaml"
    cases = {
        (case["alertname"], bool(test["input_series"]), bool(case["exp_alerts"]))
        for test in tests
        for case in test["alert_rule_test"]
    }
    for name in rules.list_alerts():
        for missing in _list_missing(name, cases):
            what = f"{name}: no test {missing}"
            yield _make_finding(TESTED, checkout, rules.chart, source, f"alert: {name}", what)
    page = rules.chart.folder / "tests" / "alerts" / f"{rules.name}.yaml"
    for series in (series for test in tests for series in test["input_series"]):
        if not isinstance(series["values"], str):
            what = f"the values of {series['series']} are a number; promtool needs a string"
            yield _make_finding(TESTED, checkout, rules.chart, page, series["series"], what)


def _list_missing(name: str, cases: Collection[tuple[str, bool, bool]]) -> Iterator[str]:
    """Yield the tests that an alert lacks.

    A case is the name of the alert, and whether the test has series and expects the alert.
    """
    if not {(name, True, True), (name, False, True)} & set(cases):
        yield "in which the alert fires"
    if (name, True, False) not in cases:
        yield "with series in which the alert does not fire"
    if not {(name, False, True), (name, False, False)} & set(cases):
        yield "without input series"


def _make_finding(
    rule: str, checkout: Checkout, chart: Chart, path: Path, text: str, what: str
) -> Finding:
    shown, line = checkout.format_path(path), find_text(path, text)
    return make_finding(rule, what, shown, line, chart=chart.name, case="suite")
