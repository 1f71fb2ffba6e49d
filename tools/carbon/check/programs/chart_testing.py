"""chart-testing: `ct lint` over a chart with each of its CI values files."""

from pathlib import Path

from carbon import externals
from carbon.charts.discovery import Chart, read_chart
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_files
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.programs.process import read_errors, run_program

CT = declare(
    "suites/ct-lint",
    "`ct lint` accepts the chart with each of its CI values files.",
    "Correct the chart as Helm's linter reports.",
)
_FOREIGN_OFF = ("validate-maintainers", "validate-chart-schema", "validate-yaml")
"""Checks of `ct lint` that are off for charts of other projects."""


def hash_inputs(chart: Chart) -> str:
    """Return the hash of what `ct lint` reads; of subcharts' templates, only the helpers.

    Helm lints the objects of a chart's own templates. `carbon check` lints subcharts by themselves.
    """
    parts: list[object] = []
    for inside, content in hash_files(chart.folder).items():
        below = "charts" in inside.parts and "templates" in inside.parts
        if not below or inside.name.startswith("_"):
            parts += [inside, content]
    return combine(parts)


def lint(root: Path, folder: Path) -> Result:
    """Run `ct lint` over the chart in a folder."""
    chart, checkout = read_chart(folder), Checkout(root)
    command = [str(externals.ensure_program("ct")), "lint", "--charts", str(folder)]
    ours = checkout.is_ours(chart) and (root / "ct.yaml").exists()
    command += ["--config", str(root / "ct.yaml")] if ours else _list_foreign_options(folder)
    done = run_program(command, root if ours else folder.parent)
    found = []
    if done.returncode:
        file = checkout.format_path(folder / "Chart.yaml")
        found = [make_finding(CT, read_errors(done), file, chart=chart.name, case="suite")]
    return Result(found, counts={"lints": max(1, len(chart.list_ci_values()))})


def _list_foreign_options(folder: Path) -> list[str]:
    more = [f"--chart-dirs={folder.parent}", "--skip-helm-dependencies"]
    off = [f"--{each}=false" for each in _FOREIGN_OFF]
    return [*more, "--check-version-increment=false", *off]
