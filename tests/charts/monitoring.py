"""Queries of all alerts and dashboards, for tests that run them against Prometheus."""

from collections.abc import Iterator

from tests.charts.cases import APIS, CHARTS

from carbon.charts.alerts import render_rules
from carbon.charts.generate import dashboards
from carbon.check.monitoring.metrics import find_metric
from carbon.check.monitoring.promql import read_query

BOARDS = [path for chart in CHARTS for path in sorted(chart.folder.glob("dashboards/*.yaml"))]


def parse_metrics(expression: str) -> set[str]:
    """Return the metrics that a query names."""
    return {name for name, _ in read_query(expression).selectors if name}


def list_used_metrics(file: str) -> set[str]:
    """Return the metrics of a file in schemas/metrics that alerts and dashboards query."""
    series = {name for query in _list_queries() for name in parse_metrics(query)}
    found = filter(None, map(find_metric, series))
    return {metric.name for metric in found if metric.file == file}


def _list_queries() -> Iterator[str]:
    for chart in CHARTS:
        for rules in render_rules(chart, APIS):
            yield from (rule["expr"] for rule in rules.list_rules())
    for path in BOARDS:
        yield from dashboards.list_queries(dashboards.read_source(path))
