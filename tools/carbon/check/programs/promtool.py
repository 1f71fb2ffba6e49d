"""promtool: checks that a chart's alerts are valid rules and pass their tests."""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from carbon import externals
from carbon.charts.alerts import render_rules
from carbon.charts.discovery import Chart, read_chart
from carbon.check.engine.cache import open_cache
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.monitoring.alert_files import check_alert_files
from carbon.check.programs.process import read_errors, run_program
from carbon.check.render.apis import list_apis

PROMTOOL = declare(
    "suites/promtool",
    "The chart's alerts are valid Prometheus rules, and pass the tests in tests/alerts.",
    "Correct the rule, or the test if its expectation is wrong.",
)
LINT = ("--lint=all", "--lint-fatal")


def has_alerts(chart: Chart) -> bool:
    """Return whether a chart has files for promtool."""
    return any((chart.folder / "alerts").glob("*.yaml"))


def check_alerts(root: Path, folder: Path) -> Result:
    """Run `promtool check rules` and `promtool test rules` over the rules that a chart renders."""
    chart, checkout = read_chart(folder), Checkout(root)
    found: list[Finding] = []
    tests = 0
    rendered = list(render_rules(chart, list_apis()))
    if checkout.is_ours(chart):
        found += check_alert_files(checkout, chart, rendered)
    for rules in rendered:
        plays = rules.read_tests()
        tests += len(plays["tests"])
        groups = {"groups": rules.copy_without_runbooks()}
        if wrong := _run_tests(groups, {"rule_files": ["rules.yaml"], **plays}):
            file = checkout.format_path(folder / "alerts" / f"{rules.name}.yaml")
            found.append(make_finding(PROMTOOL, wrong, file, chart=chart.name, case="suite"))
    return Result(found, counts={"tests": tests})


def _run_tests(groups: dict[str, Any], plays: dict[str, Any]) -> str:
    """Return promtool's errors about rules and their tests, from the cache if it has them."""
    texts = {"rules.yaml": yaml.safe_dump(groups), "tests.yaml": yaml.safe_dump(plays)}
    cache, program = open_cache(), externals.table()["promtool"].digest
    key = combine(["played", program, *LINT, *texts.values()])
    if key in (known := cache.get([key])):
        return str(known[key])
    promtool = str(externals.ensure_program("promtool"))
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        for name, text in texts.items():
            Path(work, name).write_text(text, "utf-8")
        done = run_program([promtool, "check", "rules", *LINT, "rules.yaml"], Path(work))
        if not done.returncode:
            done = run_program([promtool, "test", "rules", "tests.yaml"], Path(work))
    wrong = ""
    if done.returncode:
        status = f"promtool ended with exit status {done.returncode} and printed no error"
        wrong = read_errors(done) or status
    cache.put({key: wrong})
    return wrong
