"""The charts' own suites, each once for the same chart: helm-unittest, ct lint and promtool."""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import yaml

from carbon import externals
from carbon.charts.alerts import drawn
from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.check.findings import RULES, Finding, declare
from carbon.check.result import Result
from carbon.check.site import Site, apis

UNITTEST = declare(
    "suites/helm-unittest",
    "The chart's own tests pass.",
    "Mend the chart, or the test if it asks for the wrong thing.",
)
CT = declare(
    "suites/ct-lint",
    "`ct lint` accepts the chart with each of its CI values files.",
    "Do what Helm's linter says.",
)
PROMTOOL = declare(
    "suites/promtool",
    "The chart's alerts are rules of Prometheus, and fire and stay silent as tests/alerts says.",
    "Mend the rule, or what the test expects of it.",
)
LINT = ("--lint=all", "--lint-fatal")
SHOWN = 12
"""Lines of a program's output that a finding holds."""


def has_tests(chart: Chart) -> bool:
    """Whether helm-unittest would find anything."""
    return any((chart.suites() / "tests").glob("**/*_test.yaml"))


def unittest(root: Path, folder: Path) -> Result:
    """Run helm-unittest over a chart."""
    chart, site = _chart(folder), Site(root)
    program = str(externals.path("helm-unittest"))
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        report = Path(work) / "report.xml"
        # A subchart's tests run with the subchart itself.
        command = [program, "--strict", "--with-subchart=false"]
        command += ["--output-type", "JUnit", "--output-file", str(report)]
        done = _run([*command, str(chart.suites())], root)
        if not report.exists():
            return Result([_finding(UNITTEST, site, chart, chart.suites(), 1, _said(done))])
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - our own file
    bad = [c for c in cases if c.find("failure") is not None or c.find("error") is not None]
    found = [_failed(site, chart, case) for case in bad]
    if done.returncode and not found:
        found = [_finding(UNITTEST, site, chart, chart.suites(), 1, _said(done))]
    return Result(found, counts={"tests": len(cases)})


def lint(root: Path, folder: Path) -> Result:
    """Run `ct lint` over a chart."""
    chart, site = _chart(folder), Site(root)
    command = [str(externals.path("ct")), "lint", "--charts", str(folder)]
    ours = site.is_ours(chart) and (root / "ct.yaml").exists()
    command += ["--config", str(root / "ct.yaml")] if ours else _plain(folder)
    done = _run(command, root if ours else folder.parent)
    found = []
    if done.returncode:
        found.append(_finding(CT, site, chart, folder / "Chart.yaml", 1, _said(done)))
    return Result(found, counts={"lints": max(1, len(chart.ci_values()))})


def has_alerts(chart: Chart) -> bool:
    """Whether promtool would find anything."""
    return any((chart.folder / "alerts").glob("*.yaml"))


def alerts(root: Path, folder: Path) -> Result:
    """Have promtool check the rules that a chart draws, and play its tests through them."""
    chart, site = _chart(folder), Site(root)
    found, tests = [], 0
    for rules in drawn(chart, apis()):
        with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
            plays = rules.plays()
            tests += len(plays["tests"])
            groups = {"groups": rules.without_runbooks()}
            Path(work, "rules.yaml").write_text(yaml.safe_dump(groups), "utf-8")
            whole = {"rule_files": ["rules.yaml"], **plays}
            Path(work, "tests.yaml").write_text(yaml.safe_dump(whole), "utf-8")
            program = str(externals.path("promtool"))
            checked = _run([program, "check", "rules", *LINT, "rules.yaml"], Path(work))
            done = checked if checked.returncode else None
            done = done or _run([program, "test", "rules", "tests.yaml"], Path(work))
        if done.returncode:
            file = folder / "alerts" / f"{rules.name}.yaml"
            found.append(_finding(PROMTOOL, site, chart, file, 1, _said(done)))
    return Result(found, counts={"tests": tests})


def _plain(folder: Path) -> list[str]:
    off = ("validate-maintainers", "validate-chart-schema", "validate-yaml")
    more = [f"--chart-dirs={folder.parent}", "--skip-helm-dependencies"]
    return [*more, "--check-version-increment=false", *(f"--{each}=false" for each in off)]


def _run(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    helm = externals.path("helm").parent
    env = {"PATH": f"{helm}:/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "NO_COLOR": "1"}
    env["GOGC"] = os.environ.get("GOGC", "100")
    return subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, check=False)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\[(ERROR|WARNING)\]|rror|FAIL", line)]
    return "\n".join((telling or lines)[-SHOWN:])


def _failed(site: Site, chart: Chart, case: ElementTree.Element) -> Finding:
    failure = case.find("failure")
    failure = case.find("error") if failure is None else failure
    said = (failure.text or failure.get("message") or "" if failure is not None else "").strip()
    name = case.get("name", "")
    file, line = _test(chart, name)
    first = "\n".join([name, *said.splitlines()[:SHOWN]])
    return _finding(UNITTEST, site, chart, file, line, first)


def _test(chart: Chart, name: str) -> tuple[Path, int]:
    """Where the test of a name stands."""
    for path in sorted((chart.suites() / "tests").glob("**/*_test.yaml")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if re.search(r"\bit:", line) and name.strip() in line:
                return path, number
    return chart.suites() / "tests", 1


def _finding(rule: str, site: Site, chart: Chart, file: Path, line: int, what: str) -> Finding:
    return Finding(rule, chart.name, "suite", site.shown(file), line, what, RULES[rule].remedy)


def _chart(folder: Path) -> Chart:
    return Chart(folder, read_yaml(folder / "Chart.yaml"))
