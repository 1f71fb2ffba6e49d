"""The schemas of the values of a chart."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart

Schema = dict[str, Any]


def read_own_schema(chart: Path) -> Schema:
    """Return the schema of a chart's own values; empty if the chart has none."""
    path = chart / "values.schema.json"
    schema: Schema = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return schema


def build_schema(chart: Chart) -> Schema:
    """Return the schema of all values of a chart, those of its subcharts below their keys.

    `global` must satisfy the schemas of all charts, since Helm passes it to each subchart.
    """
    schema = deepcopy(read_own_schema(chart.folder))
    properties = schema.setdefault("properties", {})
    shared = [properties["global"]] if "global" in properties else []
    for key, name in chart.dependencies.items():
        folder = chart.folder / "charts" / name
        if not (folder / "Chart.yaml").exists():
            continue
        inner = build_schema(read_chart(folder))
        if "global" in (known := inner.get("properties", {})):
            shared.append(known.pop("global"))
            known["global"] = {}
        if known:
            known.setdefault("enabled", {})
        properties[key] = inner
    if shared:
        properties["global"] = {"allOf": shared}
    return schema
