"""Comparisons: the condition of an alert can be true, and is not true all the time."""

from collections.abc import Iterator
from typing import Any

import promql_parser as promql

from carbon.check.findings import Violation, rule
from carbon.check.monitoring.metrics import find_metric, read_metrics
from carbon.check.monitoring.ranges import find_constant
from carbon.check.monitoring.tree import (
    COMPARISONS,
    find_tree,
    iterate_nodes,
    list_metrics,
    read_number,
    strip_parentheses,
)
from carbon.check.monitoring.units import NUMBER, PERCENT, infer_unit, read_unit
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.monitoring.sources import Alert, list_alerts

SUCCESS = {"success", "successful", "succeeded", "completed"}
"""Words in the name of a metric with the time of the last success."""
ATTEMPT = {"attempt", "attempted", "last", "run", "schedule", "scheduled", "start", "started"}
"""Words in the name of a metric with the time of an attempt, whether or not it succeeded."""
_OF_TIME = {"seconds", "time", "timestamp"}


@rule("alerts/constant", "Correct the operator or the number.")
def check_constant(chart: RenderedChart) -> Iterator[Violation]:
    """No comparison in an alert is always true or never true, such as `up > 1` or a ratio > 2."""
    for alert, tree in _list_trees(chart):
        for node, why in find_constant(tree):
            yield _report(alert, node, why)


@rule("alerts/percent", "Write the number in percent, such as 90 instead of 0.9.")
def check_percent(chart: RenderedChart) -> Iterator[Violation]:
    """An alert compares the usage in percent with a percentage, not with a fraction."""
    for alert, node, number in _list_limits(chart):
        name = list_metrics(node.lhs)[0] if list_metrics(node.lhs) else ""
        usage = any(word in name for word in ("util", "used", "usage", "disk", "mem"))
        if usage and infer_unit(node.lhs) == PERCENT and 0 < number < 1:
            wrong = f"{name} is from 0 to 100; {number:g} is less than 1 percent"
            yield _report(alert, node, wrong)


@rule("alerts/counter", "Compare rate(metric[5m]) or increase(metric[15m]).", house=True)
def check_counter(chart: RenderedChart) -> Iterator[Violation]:
    """An alert compares how fast a counter increases: the counter itself never decreases."""
    for alert, node, _ in _list_limits(chart):
        counter = node.lhs
        while isinstance(counter, promql.AggregateExpr | promql.ParenExpr):
            counter = counter.expr
        name = (counter.name or "") if isinstance(counter, promql.VectorSelector) else ""
        if name.endswith("_total") and read_unit(name) == NUMBER:
            yield _report(alert, node, f"the counter {name} only increases")


@rule("alerts/success", "Compare the time of the last success.")
def check_success(chart: RenderedChart) -> Iterator[Violation]:
    """An alert on lateness reads the time of the last success, not of the last attempt."""
    for alert, tree in _list_trees(chart):
        for node in iterate_nodes(tree):
            if not _is_age(node):
                continue
            for name in list_metrics(node.rhs):
                for better in _find_success(name):
                    wrong = f"{name} is the time of an attempt; {better} is that of a success"
                    yield alert.report(wrong, "expr:", name)


def _list_trees(chart: RenderedChart) -> Iterator[tuple[Alert, Any]]:
    for alert in list_alerts(chart):
        tree = find_tree(alert.expression) if "alert" in alert.rule else None
        if tree is not None:
            yield alert, tree


def _list_limits(chart: RenderedChart) -> Iterator[tuple[Alert, Any, float]]:
    """Yield alert, node and number of each comparison `> number` or `>= number`."""
    for alert, tree in _list_trees(chart):
        for node in iterate_nodes(tree):
            if isinstance(node, promql.BinaryExpr) and str(node.op) in (">", ">="):
                number = read_number(node.rhs)
                if number is not None:
                    yield alert, node, number


def _is_age(node: Any) -> bool:
    """Return whether an expression subtracts a time from the current time."""
    minus = isinstance(node, promql.BinaryExpr) and str(node.op) == "-"
    first = strip_parentheses(node.lhs) if minus else None
    return isinstance(first, promql.Call) and first.func.name == "time"


def _find_success(name: str) -> list[str]:
    """Return the metrics with the time of the last success of what the metric `name` times."""
    words = set(name.split("_"))
    if find_metric(name) is None or words & SUCCESS or not words & (_OF_TIME | ATTEMPT):
        return []
    subject = words - ATTEMPT - _OF_TIME - {"status"}
    return [
        other
        for other in read_metrics()
        if (parts := set(other.split("_"))) & SUCCESS
        and parts & _OF_TIME
        and parts - SUCCESS - ATTEMPT - _OF_TIME - {"status"} == subject
    ]


def _report(alert: Alert, node: Any, what: str) -> Violation:
    """Return a violation at the line with the comparison, or at the first line of the query."""
    number = read_number(node.rhs)
    op = next(each for each in COMPARISONS if each == str(node.op))
    return alert.report(what, "expr:", *([f"{op} {number:g}"] if number is not None else []))
