"""promtool: checks that a chart's alerts are valid rules and pass their tests."""

import re
import tempfile
from collections.abc import Iterator
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
from carbon.check.programs.process import SHOWN, run_program
from carbon.check.render.apis import list_apis
from carbon.check.sources.lines import find_text

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
        wrong = _run_tests(groups, {"rule_files": ["rules.yaml"], **plays})
        path = folder / "alerts" / f"{rules.name}.yaml"
        for what, line in _split(wrong, path, list(rules.list_alerts())):
            file = checkout.format_path(path)
            found.append(make_finding(PROMTOOL, what, file, line, chart=chart.name, case="suite"))
    return Result(found, counts={"tests": tests})


def _split(wrong: str, path: Path, alerts: list[str]) -> Iterator[tuple[str, int]]:
    """Yield the message and the line of each alert that promtool's errors name.

    Errors that name no alert are one message about the file.
    """
    lines = wrong.splitlines()
    named = {name: _find_lines(lines, name) for name in alerts}
    for name, some in named.items():
        if some:
            yield "\n".join([f"alert {name}:", *some]), find_text(path, f"alert: {name}")
    if wrong and not any(named.values()):
        yield "\n".join(lines[:SHOWN]), 1


def _find_lines(lines: list[str], alert: str) -> list[str]:
    """Return the lines of promtool's errors that name an alert, and the lines after each."""
    word = re.compile(rf"\b{re.escape(alert)}\b")
    starts = [at for at, line in enumerate(lines) if word.search(line)]
    return [line for at in starts[:1] for line in lines[at : at + SHOWN]]


def _run_tests(groups: dict[str, Any], plays: dict[str, Any]) -> str:
    """Return promtool's errors about rules and their tests, from the cache if it has them."""
    texts = {"rules.yaml": yaml.safe_dump(groups), "tests.yaml": yaml.safe_dump(plays)}
    cache, program = open_cache(), externals.table()["promtool"].digest
    key = combine(["promtool", program, *LINT, *texts.values()])
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
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        wrong = "\n".join(lines) or status
    cache.put({key: wrong})
    return wrong
