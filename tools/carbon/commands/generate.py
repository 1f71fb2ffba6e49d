"""`carbon generate`: schemas and READMEs of the charts, written or checked."""

from pathlib import Path
from typing import Annotated

import typer

from carbon.app import app
from carbon.charts import roles
from carbon.charts.blocks import chart_table, filled
from carbon.charts.crds import fetched
from carbon.charts.discovery import charts
from carbon.charts.files import shown
from carbon.charts.generate import generated, stale
from carbon.console import out
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.images.document import document
from carbon.mesh.document import render_document


@app.command("generate")
def generate(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail on drift.")] = False,
    crds: Annotated[
        bool, typer.Option("--crds", help="Also compile schemas/crds from the operators' modules.")
    ] = False,
) -> None:
    """Write each chart's values.schema.json and README.md from its values.schema.yaml."""
    # The documents are written from renders, for which the schemas must be up to date.
    count = _settled(generated() | (fetched() if crds else {}), check)
    count += _settled(_documents(), check)
    out.print(f"{count} generated files are up to date")


def _settled(files: dict[Path, str], check: bool) -> int:
    """Write what is not up to date, or refuse it; returns how many files there are."""
    late = stale(files)
    if check and late:
        names = ", ".join(shown(path) for path in late)
        raise CarbonError(
            f"not up to date: {names}", "Run `carbon generate` and commit the result."
        )
    for path in late:
        path.write_text(files[path], "utf-8")
        out.print(f"[green]✓[/] {shown(path)}")
    return len(files)


def _documents() -> dict[Path, str]:
    """What is generated beside the charts: documents, and parts of the README."""
    readme = ROOT / "README.md"
    parts = [chart for chart in charts() if not chart.is_library and not chart.is_umbrella]
    blocks = {"charts": chart_table(parts, "")}
    return {
        readme: filled(readme.read_text("utf-8"), blocks),
        ROOT / "docs" / "images.md": document(),
        ROOT / "docs" / "roles.md": roles.document(),
        ROOT / "docs" / "who-talks-to-whom.md": render_document(),
    }
