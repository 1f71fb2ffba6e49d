"""Queries: PromQL with metrics and labels that the components export."""

import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql

from carbon.charts.render import containers
from carbon.check.findings import Violation, rule
from carbon.check.monitoring.metrics import METRICS, find_metric
from carbon.check.monitoring.promql import Query, find_unknown, read_query
from carbon.check.monitoring.tree import find_tree, iterate_nodes, list_metrics
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.monitoring.sources import Alert, Panel, list_alerts, list_panels

LISTS = f"schemas/{METRICS.name}"
ELSEWHERE = ("DCGM_", "velero_")
"""Prefixes of metrics of nodes and of another namespace."""
_CONTAINERS = re.compile(r"[a-z0-9-]+(\|[a-z0-9-]+)*")
"""Names of containers, such as feast-server|feast-grpc."""
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MESSAGE = re.compile(r"\$labels\.(\w+)")


@rule("queries/valid", "Correct the query.")
def check_valid(chart: RenderedChart) -> Iterator[Violation]:
    """Every query of an alert or a dashboard is PromQL."""
    for place, query in _list_queries(chart):
        if query.error:
            yield place.report(f"the query is not PromQL: {query.error}")


@rule("queries/metrics", f"Correct the name, or add the metric to {LISTS}.", house=True)
def check_metrics(chart: RenderedChart) -> Iterator[Violation]:
    """Every metric that an alert or a dashboard queries is in a metric list."""
    for place, query in _list_queries(chart):
        for name in dict.fromkeys(name for name, _ in query.selectors if name):
            if find_metric(name) is None:
                yield place.report(f"no list in {LISTS} has the metric {name}")


@rule("queries/listed", f"Add the labels of the metric to its list in {LISTS}.", house=True)
def check_listed(chart: RenderedChart) -> Iterator[Violation]:
    """The metric lists state the labels of every metric that an alert or a dashboard queries."""
    for place, query in _list_queries(chart):
        for name in dict.fromkeys(name for name, _ in query.selectors if name):
            metric = find_metric(name)
            if metric is not None and metric.labels is None:
                yield place.report(f"{LISTS}/{metric.file} has no labels of {metric.name}")


@rule("queries/labels", f"Correct the label; {LISTS} lists the labels of each metric.")
def check_labels(chart: RenderedChart) -> Iterator[Violation]:
    """Queries, legends and messages use only labels that their series have."""
    for place, query in _list_queries(chart):
        for problem in dict.fromkeys(query.problems):
            yield place.report(problem)
        for name in find_unknown(_list_shown(place), query):
            yield place.report(f"the result of the query has no label {name}, which the text shows")


@rule("queries/values", f"Correct the value; {LISTS} lists the values of some labels.")
def check_values(chart: RenderedChart) -> Iterator[Violation]:
    """Queries select only values that a label of their series has."""
    for place, query in _list_queries(chart):
        yield from map(place.report, dict.fromkeys(query.absent))


@rule("queries/containers", "Write the name of a container of the chart.", house=True)
def check_containers(chart: RenderedChart) -> Iterator[Violation]:
    """A query that selects the series of one container names a container of the chart's pods."""
    known = {each["name"] for _, pod in chart.pods() for each in containers(pod)}
    for place, query in _list_queries(chart) if known else ():
        for value in dict.fromkeys(each.get("container", "") for _, each in query.selectors):
            if _CONTAINERS.fullmatch(value) and not known.intersection(value.split("|")):
                yield place.report(f"no pod has a container {value.replace('|', ' or ')}")


@rule("queries/ranges", "Write the same range for both metrics, such as [5m].")
def check_ranges(chart: RenderedChart) -> Iterator[Violation]:
    """The rates of two metrics that a query adds or divides have the same range."""
    for place, _ in _list_queries(chart):
        tree: Any = find_tree(place.expression)
        for node in iterate_nodes(tree) if tree is not None else ():
            if not isinstance(node, promql.BinaryExpr) or str(node.op) not in ("+", "-", "/"):
                continue
            left, right = _list_ranges(node.lhs), _list_ranges(node.rhs)
            same = set(list_metrics(node.lhs)) & set(list_metrics(node.rhs))
            if len(left) == len(right) == 1 and left != right and not same:
                seconds = " and ".join(f"{each:g} s" for each in (*left, *right))
                yield place.report(f"the operands of {node.op} have the ranges {seconds}")


def _list_ranges(node: Any) -> set[float]:
    """Return the ranges of the rates and increases in an expression, in seconds."""
    calls = [each for each in iterate_nodes(node) if isinstance(each, promql.Call)]
    called = [each.args[0] for each in calls if each.func.name in ("rate", "increase")]
    ranges = (getattr(each, "range", None) for each in called)
    return {each.total_seconds() for each in ranges if each is not None}


@rule("dashboards/namespace", 'Add namespace="$namespace" to each selector.', house=True)
def check_namespace(chart: RenderedChart) -> Iterator[Violation]:
    """Every query of a dashboard selects the namespace that the user of the dashboard selects."""
    for panel in list_panels(chart):
        for name, matchers in read_query(panel.expression).selectors:
            other = name.startswith(ELSEWHERE)
            if matchers.get("namespace") != "$namespace" and not other:
                yield panel.report(f'{name} has no matcher namespace="$namespace"')


def _list_queries(chart: RenderedChart) -> Iterator[tuple[Alert | Panel, Query]]:
    for alert in list_alerts(chart):
        yield alert, read_query(alert.expression)
    for panel in list_panels(chart):
        yield panel, read_query(panel.expression)


def _list_shown(place: Alert | Panel) -> list[str]:
    """Return the labels that a legend, or a message of an alert, shows."""
    if isinstance(place, Panel):
        return _LEGEND.findall(place.legend)
    texts = (place.rule.get("annotations") or {}).values()
    return [name for text in texts for name in _MESSAGE.findall(str(text))]
