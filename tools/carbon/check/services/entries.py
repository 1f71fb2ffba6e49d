"""The services table of a render, and the entries of its pods."""

from collections.abc import Mapping
from typing import Any

from carbon.charts.render import Object
from carbon.check.render.objects import RenderedChart, pod_labels
from carbon.mesh.table import Entry, Table, read_table

POLICIES = "mesh-policies"
"""The chart that renders policies from the services table."""


def read_policy_values(chart: RenderedChart) -> Mapping[str, Any]:
    """Return the values of the chart with the policies; empty for other charts."""
    values = chart.values.get(POLICIES) if chart.is_umbrella else chart.values
    known = isinstance(values, Mapping) and (chart.is_umbrella or chart.name == POLICIES)
    return values if known and values is not None else {}


def read_services(chart: RenderedChart) -> Table:
    """Return the enabled entries of the services table; none for a chart without the table."""
    shared = read_policy_values(chart).get("global") or {}
    return read_table(shared, chart.namespace) if shared.get("services") else {}


def find_entry(pod: Object, table: Table, namespace: str) -> Entry | None:
    """Return the entry of the services table that selects a pod."""
    labels = pod_labels(pod)
    return next((e for e in table.values() if e.selects(labels, namespace)), None)
