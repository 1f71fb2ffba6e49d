"""Everything that is generated from the charts' own files, and the check that it is up to date."""

from pathlib import Path

from carbon.charts import dashboards
from carbon.charts.discovery import Chart, charts
from carbon.charts.files import shown
from carbon.charts.fragments import Fragments, Schema
from carbon.charts.readme import readme
from carbon.charts.schema import SOURCE, as_json, compiled, whole
from carbon.errors import CarbonError
from carbon.home import ROOT

EDITOR = "254carbon.schema.json"


def generated(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file of a checkout and the text that belongs in it.

    Raises:
        CarbonError: a schema or a dashboard is missing or wrong; names the file and the path in it.
    """
    fragments = Fragments(root / "schemas")
    found = charts(root)
    schemas = {chart.name: compiled(chart, fragments) for chart in found if _has_schema(chart)}
    files: dict[Path, str] = {}
    for chart in found:
        schema = schemas.get(chart.name, {})
        if schema:
            files[chart.folder / "values.schema.json"] = as_json(schema)
        files |= dashboards.drawn(chart.folder / "dashboards")
        parts = _parts(chart, found) if chart.is_umbrella else []
        files[chart.folder / "README.md"] = readme(chart, schema, parts)
        if chart.is_umbrella:
            files[fragments.folder / EDITOR] = as_json(_editor(chart, schemas))
    return files


def stale(files: dict[Path, str]) -> list[Path]:
    """Those generated files that do not hold the text they should."""
    return [p for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text]


def _has_schema(chart: Chart) -> bool:
    if (chart.folder / SOURCE).exists():
        return True
    if chart.is_library:
        return False
    raise CarbonError(
        f"{shown(chart.folder / SOURCE)} is missing",
        "Every chart describes its values there, a description a key.",
    )


def _parts(umbrella: Chart, found: list[Chart]) -> list[Chart]:
    named = set(umbrella.dependencies.values())
    return [chart for chart in found if chart.name in named and not chart.is_library]


def _editor(umbrella: Chart, schemas: dict[str, Schema]) -> Schema:
    parts = {key: schemas[name] for key, name in umbrella.dependencies.items() if name in schemas}
    return whole(schemas[umbrella.name], parts)
