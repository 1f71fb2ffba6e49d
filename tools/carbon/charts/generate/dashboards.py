"""Builds Grafana dashboards: the source dashboards/NAME.yaml becomes NAME.json in the same folder.

A source lists rows of panels with their queries. Positions, colours and tooltips are the same in
all dashboards. In a query, `$namespace` is the namespace that the user of the dashboard selects,
and `$__rate_interval` is Grafana's.
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

from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH, HEIGHT, STAT_HEIGHT = 24, 8, 4
"""In units of Grafana's grid: the width of a row, the height of a graph, and of a stat panel."""

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string", "minLength": 1}


def _describe_map(required: list[str], properties: Schema) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": False}
    return schema | {"required": required, "properties": properties}


def _describe_list(items: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": items}


_QUERY = _describe_map(["expr"], {"expr": _TEXT, "legend": _TEXT})
_PANEL = _describe_map(
    ["title", "queries"],
    {
        "title": _TEXT,
        "description": _TEXT,
        "kind": {"enum": ["timeseries", "stat"]},
        "unit": _TEXT,  # a unit of Grafana, such as reqps, s, bytes, percentunit
        "width": {"type": "integer", "minimum": 3, "maximum": WIDTH},
        "queries": _describe_list(_QUERY),
    },
)
_ROW = _describe_map(["title", "panels"], {"title": _TEXT, "panels": _describe_list(_PANEL)})
_SCHEMA = _describe_map(
    ["title", "rows"], {"title": _TEXT, "description": _TEXT, "rows": _describe_list(_ROW)}
)

Source = dict[str, Any]


def build_dashboards(folder: Path) -> dict[Path, str]:
    """Return path and JSON of the dashboard of each source in a folder.

    Raises:
        CarbonError: a source is not YAML or violates its schema; the message names file and path.
    """
    return {path.with_suffix(".json"): _build(path) for path in sorted(folder.glob("*.yaml"))}


def list_queries(source: Source) -> list[str]:
    """Return every query of a dashboard's source."""
    panels = (panel for row in source["rows"] for panel in row["panels"])
    return [query["expr"] for panel in panels for query in panel["queries"]]


def read_source(path: Path) -> Source:
    """Read the source of a dashboard.

    Raises:
        CarbonError: the source is not YAML or violates its schema; the message names file and path.
    """
    source = read_yaml(path)
    for wrong in Draft7Validator(_SCHEMA).iter_errors(source):
        where = "/".join(map(str, wrong.absolute_path))
        raise CarbonError(
            f"{format_path(path)}#/{where}: {wrong.message}",
            "Correct the source of the dashboard at this path.",
        )
    return source


def _build(path: Path) -> str:
    source = read_source(path)
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
        .with_variable(_build_namespace_variable())
    )
    for row in source["rows"]:
        board.with_row(dashboard.Row(row["title"]))
        for panel in row["panels"]:
            board.with_panel(_build_panel(panel, len(row["panels"])))
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(board.build()) + "\n"


def _build_namespace_variable() -> dashboard.QueryVariable:
    """Return the variable `namespace`: a choice of the namespaces with scraped pods."""
    choice = dashboard.QueryVariable("namespace").datasource(SOURCE).label("Namespace")
    return choice.query("label_values(up, namespace)").refresh(
        VariableRefresh.ON_TIME_RANGE_CHANGED
    )


def _build_panel(panel: Source, beside: int) -> timeseries.Panel | stat.Panel:
    """Return a panel.

    `beside` is the number of panels in the row. A line shows at most three graphs, or six stat
    panels, unless the source sets their width.
    """
    single = panel.get("kind") == "stat"
    built: timeseries.Panel | stat.Panel = stat.Panel() if single else _build_graph()
    built.title(panel["title"]).description(panel.get("description", "")).datasource(SOURCE)
    built.unit(panel.get("unit", "short"))
    built.span(panel.get("width", WIDTH // min(beside, 6 if single else 3)))
    built.height(STAT_HEIGHT if single else HEIGHT)
    for number, query in enumerate(panel["queries"]):
        target = prometheus.Dataquery().expr(query["expr"]).ref_id(chr(ord("A") + number))
        target.legend_format(query.get("legend", "__auto"))
        built.with_target(target.instant() if single else target.range())
    return built


def _build_graph() -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(True)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    return (
        timeseries.Panel()
        .min(0)
        .fill_opacity(10)
        .legend(legend.placement(LegendPlacement.BOTTOM))
        .tooltip(tooltip)
    )
