"""Grafana dashboards, drawn from small sources: dashboards/NAME.yaml becomes NAME.json beside it.

A source says what to see; where it stands, its colours and its tooltips are the same everywhere.
`$namespace` in a query is the one chosen in the dashboard, `$__rate_interval` is Grafana's.
"""

from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    LegendDisplayMode,
    LegendPlacement,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    VariableRefresh,
)
from jsonschema import Draft7Validator

from carbon.charts.files import read_yaml, shown
from carbon.errors import CarbonError

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH, HEIGHT, STAT_HEIGHT = 24, 8, 4
"""Of Grafana's grid: a whole row, a graph, a single number."""

_TEXT = {"type": "string", "minLength": 1}
_QUERY = {
    "type": "object",
    "required": ["expr"],
    "additionalProperties": False,
    "properties": {"expr": _TEXT, "legend": _TEXT},
}
_PANEL = {
    "type": "object",
    "required": ["title", "queries"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "description": _TEXT,
        "kind": {"enum": ["timeseries", "stat"]},
        "unit": _TEXT,  # by Grafana's names: reqps, s, bytes, percentunit, …
        "width": {"type": "integer", "minimum": 3, "maximum": WIDTH},
        "queries": {"type": "array", "minItems": 1, "items": _QUERY},
    },
}
_ROW = {
    "type": "object",
    "required": ["title", "panels"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "panels": {"type": "array", "minItems": 1, "items": _PANEL},
    },
}
_SCHEMA = {
    "type": "object",
    "required": ["title", "rows"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "description": _TEXT,
        "rows": {"type": "array", "minItems": 1, "items": _ROW},
    },
}

Source = dict[str, Any]


def drawn(folder: Path) -> dict[Path, str]:
    """The dashboards of the sources in a folder: each file and the JSON that belongs in it.

    Raises:
        CarbonError: a source is no YAML or not as it should be; names file and path.
    """
    return {path.with_suffix(".json"): _json(path) for path in sorted(folder.glob("*.yaml"))}


def queries(source: Source) -> list[str]:
    """Every query of a dashboard's source."""
    panels = (panel for row in source["rows"] for panel in row["panels"])
    return [query["expr"] for panel in panels for query in panel["queries"]]


def read(path: Path) -> Source:
    """Read the source of a dashboard.

    Raises:
        CarbonError: it is no YAML or not as it should be; names file and path.
    """
    source = read_yaml(path)
    for wrong in Draft7Validator(_SCHEMA).iter_errors(source):
        where = "/".join(map(str, wrong.absolute_path))
        raise CarbonError(f"{shown(path)}#/{where}: {wrong.message}", "Correct it there.")
    return source


def _json(path: Path) -> str:
    source = read(path)
    board = (
        dashboard.Dashboard(source["title"])
        .uid(f"254carbon-{path.stem}")
        .description(source.get("description", ""))
        .tags(["254carbon"])
        .editable()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus"))
        .with_variable(_namespaces())
    )
    for row in source["rows"]:
        board.with_row(dashboard.Row(row["title"]))
        for panel in row["panels"]:
            board.with_panel(_panel(panel, len(row["panels"])))
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(board.build()) + "\n"


def _namespaces() -> dashboard.QueryVariable:
    """A choice among the namespaces where something is scraped."""
    choice = dashboard.QueryVariable("namespace").datasource(SOURCE).label("Namespace")
    return choice.query("label_values(up, namespace)").refresh(
        VariableRefresh.ON_TIME_RANGE_CHANGED
    )


def _panel(panel: Source, beside: int) -> timeseries.Panel | stat.Panel:
    """A panel; those of a row share its width, at most three beside each other."""
    single = panel.get("kind") == "stat"
    made: timeseries.Panel | stat.Panel = stat.Panel() if single else _graph()
    made.title(panel["title"]).description(panel.get("description", "")).datasource(SOURCE)
    made.unit(panel.get("unit", "short"))
    made.span(panel.get("width", WIDTH // min(beside, 6 if single else 3)))
    made.height(STAT_HEIGHT if single else HEIGHT)
    for number, query in enumerate(panel["queries"]):
        target = prometheus.Dataquery().expr(query["expr"]).ref_id(chr(ord("A") + number))
        target.legend_format(query.get("legend", "__auto"))
        made.with_target(target.instant() if single else target.range())
    return made


def _graph() -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    return (
        timeseries.Panel()
        .min(0)
        .fill_opacity(10)
        .legend(legend.placement(LegendPlacement.BOTTOM))
        .tooltip(tooltip)
    )
