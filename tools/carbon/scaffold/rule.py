"""Checks that a chart does not differ from the chart template in what the template owns.

The template owns whole files, and the lines between its comments in other files.
"""

from pathlib import Path

from carbon.charts.discovery import Chart, read_chart
from carbon.check.engine.digests import combine, hash_tree
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.scaffold.drift import find_drift
from carbon.scaffold.template import ANSWERS, FOLDER

TEMPLATE = declare(
    "chart/template",
    "The lines that the chart template owns are those of tools/chart-template.",
    "Undo the edit. Change tools/chart-template if all charts of the template need the edit.",
    house=True,
)


def uses_template(chart: Chart) -> bool:
    """Return whether a chart has files of the template."""
    return (chart.folder / ANSWERS).exists()


def hash_inputs(root: Path, chart: Chart) -> str:
    """Return the hash of the files that `check_template` reads, and of its code."""
    pages = [root / "docs" / "runbooks", root / "schemas" / "metrics"]
    code = Path(__file__).parent
    folders = [code, chart.folder, root / FOLDER, root / "umbrella" / "charts", *pages]
    return combine(hash_tree(folder) for folder in folders)


def check_template(root: Path, folder: Path) -> Result:
    """Compare the chart in a folder with the template."""
    chart = read_chart(folder)
    return Result(
        [
            make_finding(
                TEMPLATE, drift.what, str(drift.file), drift.line, chart=chart.name, case="template"
            )
            for drift in find_drift(root, folder.name)
        ]
    )
