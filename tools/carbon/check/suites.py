"""Programs that look at a chart as a whole, each once for the same chart: ct lint and promtool."""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from carbon import externals
from carbon.charts.alerts import drawn
from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.check.cache import results
from carbon.check.digests import combined, of_files
from carbon.check.findings import RULES, Finding, declare
from carbon.check.result import Result
from carbon.check.site import Site, apis

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


def linted_digest(chart: Chart) -> str:
    """The hash of all that `ct lint` looks at: templates of the charts below only where shared.

    Helm lints what a chart's own templates draw; others are drawn with the same values elsewhere.
    """
    parts: list[object] = []
    for inside, content in of_files(chart.folder).items():
        below = "charts" in inside.parts and "templates" in inside.parts
        if not below or inside.name.startswith("_"):
            parts += [inside, content]
    return combined(parts)


def lint(root: Path, folder: Path) -> Result:
    """Run `ct lint` over a chart."""
    chart, site = _chart(folder), Site(root)
    command = [str(externals.ensure_program("ct")), "lint", "--charts", str(folder)]
    ours = site.is_ours(chart) and (root / "ct.yaml").exists()
    command += ["--config", str(root / "ct.yaml")] if ours else _plain(folder)
    done = ran(command, root if ours else folder.parent)
    found = []
    if done.returncode:
        found.append(_finding(CT, site, chart, folder / "Chart.yaml", 1, said(done)))
    return Result(found, counts={"lints": max(1, len(chart.ci_values()))})


def has_alerts(chart: Chart) -> bool:
    """Whether promtool would find anything."""
    return any((chart.folder / "alerts").glob("*.yaml"))


def alerts(root: Path, folder: Path) -> Result:
    """Have promtool check the rules that a chart draws, and play its tests through them."""
    chart, site = _chart(folder), Site(root)
    found, tests = [], 0
    for rules in drawn(chart, apis()):
        plays = rules.plays()
        tests += len(plays["tests"])
        groups = {"groups": rules.without_runbooks()}
        if wrong := _played(groups, {"rule_files": ["rules.yaml"], **plays}):
            file = folder / "alerts" / f"{rules.name}.yaml"
            found.append(_finding(PROMTOOL, site, chart, file, 1, wrong))
    return Result(found, counts={"tests": tests})


def _played(groups: dict[str, Any], plays: dict[str, Any]) -> str:
    """What promtool says is wrong with rules and their tests, kept for the same ones."""
    texts = {"rules.yaml": yaml.safe_dump(groups), "tests.yaml": yaml.safe_dump(plays)}
    kept, program = results(), externals.table()["promtool"].digest
    key = combined(["played", program, *LINT, *texts.values()])
    if key in (known := kept.get([key])):
        return str(known[key])
    promtool = str(externals.ensure_program("promtool"))
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        for name, text in texts.items():
            Path(work, name).write_text(text, "utf-8")
        done = ran([promtool, "check", "rules", *LINT, "rules.yaml"], Path(work))
        if not done.returncode:
            done = ran([promtool, "test", "rules", "tests.yaml"], Path(work))
    wrong = said(done) or "promtool failed" if done.returncode else ""
    kept.put({key: wrong})
    return wrong


def _plain(folder: Path) -> list[str]:
    off = ("validate-maintainers", "validate-chart-schema", "validate-yaml")
    more = [f"--chart-dirs={folder.parent}", "--skip-helm-dependencies"]
    return [*more, "--check-version-increment=false", *(f"--{each}=false" for each in off)]


def ran(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with Helm beside it and nothing of the user's."""
    helm = externals.ensure_program("helm").parent
    env = {"PATH": f"{helm}:/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "NO_COLOR": "1"}
    env["GOGC"] = os.environ.get("GOGC", "100")
    return subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, check=False)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The lines of a program's output that tell what is wrong."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\[(ERROR|WARNING)\]|rror|FAIL", line)]
    return "\n".join((telling or lines)[-SHOWN:])


def _finding(rule: str, site: Site, chart: Chart, file: Path, line: int, what: str) -> Finding:
    return Finding(rule, chart.name, "suite", site.shown(file), line, what, RULES[rule].remedy)


def _chart(folder: Path) -> Chart:
    return Chart(folder, read_yaml(folder / "Chart.yaml"))
