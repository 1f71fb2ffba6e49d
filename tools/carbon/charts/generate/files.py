"""Builds the generated files of the charts, and finds files that are out of date."""

from pathlib import Path

from carbon.charts.discovery import Chart, find_charts
from carbon.charts.generate.dashboards import build_dashboards
from carbon.charts.generate.fragments import Fragments
from carbon.charts.generate.readme import build_readme
from carbon.charts.generate.schema import (
    COMPILED,
    SOURCE,
    build_editor_schema,
    compile_schema,
    drop_global_descriptions,
    format_schema,
)
from carbon.charts.values import EDITOR_SCHEMA
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import ROOT


def build_files(root: Path = ROOT) -> dict[Path, str]:
    """Return path and text of each generated file of the charts of a checkout.

    Raises:
        CarbonError: a schema or a dashboard is missing or invalid; the message names the path.
    """
    fragments = Fragments(root / "schemas")
    charts = find_charts(root)
    schemas = {c.name: compile_schema(c, fragments) for c in charts if _has_schema(c)}
    files: dict[Path, str] = {}
    for chart in charts:
        schema = schemas.get(chart.name, {})
        if schema:
            own = schema if chart.is_umbrella else drop_global_descriptions(schema)
            files[chart.folder / COMPILED] = format_schema(own)
        files |= build_dashboards(chart.folder / "dashboards")
        subcharts = _list_subcharts(chart, charts) if chart.is_umbrella else []
        files[chart.folder / "README.md"] = build_readme(chart, schema, subcharts)
        if chart.is_umbrella:
            inner = {k: schemas[n] for k, n in chart.dependencies.items() if n in schemas}
            editor_schema = build_editor_schema(schema, inner)
            files[root / EDITOR_SCHEMA] = format_schema(editor_schema, indent=2)
    return files


def find_stale(files: dict[Path, str]) -> list[Path]:
    """Return the paths whose files do not have the given text."""
    return [p for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text]


def _has_schema(chart: Chart) -> bool:
    if (chart.folder / SOURCE).exists():
        return True
    if chart.is_library:
        return False
    raise CarbonError(
        f"{format_path(chart.folder / SOURCE)} is missing",
        "Write the file: every chart has a schema with a description of each key of its values.",
    )


def _list_subcharts(umbrella: Chart, charts: list[Chart]) -> list[Chart]:
    names = set(umbrella.dependencies.values())
    return [chart for chart in charts if chart.name in names and not chart.is_library]
