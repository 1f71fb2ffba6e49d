"""PromQL: the metrics of a query, and the labels of its result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import promql_parser as promql

from carbon.check.monitoring.metrics import find_metric
from carbon.check.monitoring.tree import parse

Labels = frozenset[str] | None
"""Labels of a series; None if they are not known."""
_NONE: Labels = frozenset()
_KEEPING_LEFT = ("and", "unless")


@dataclass
class Query:
    """The metrics that a query selects, the labels of its result, and mistakes in it."""

    selectors: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Metric and matchers (label -> value) of each selector."""
    labels: Labels = None
    """Labels of the result."""
    problems: list[str] = field(default_factory=list)
    """A message for each label that the query uses and a metric or an operand does not have."""
    absent: list[str] = field(default_factory=list)
    """A message for each value that the query selects and a label of a metric never has."""
    error: str = ""
    """Why the query is not PromQL; empty if it is."""


@cache
def read_query(expression: str) -> Query:
    """Return what is known of a query; Grafana's variables may stand for durations."""
    query = Query()
    try:
        tree = parse(expression)
    except ValueError as wrong:
        query.error = str(wrong)
        return query
    query.labels = _infer(tree, query)
    return query


def _infer(node: Any, query: Query) -> Labels:
    """Return the labels of the series that an expression returns."""
    match node:
        case promql.VectorSelector():
            return _read_selector(node, query)
        case promql.MatrixSelector():
            return _read_selector(node.vector_selector, query)
        case promql.AggregateExpr():
            return _aggregate(node, query)
        case promql.BinaryExpr():
            return _combine(node, query)
        case promql.Call():
            return _call(node, query)
        case promql.SubqueryExpr() | promql.ParenExpr() | promql.UnaryExpr():
            return _infer(node.expr, query)
    return _NONE


def _read_selector(selector: Any, query: Query) -> Labels:
    matchers = {each.name: each.value for each in selector.matchers.matchers}
    query.selectors.append((selector.name or "", matchers))
    metric = find_metric(selector.name or "")
    if metric is None or metric.labels is None:
        return None
    for name in sorted(matchers.keys() - metric.labels - {"__name__"}):
        query.problems.append(f"{selector.name} has no label {name}")
    for each in selector.matchers.matchers:
        known = metric.values.get(each.name)
        if known and each.op == promql.MatchOp.Equal and each.value not in known:
            what = f"{selector.name}: {each.name} is never {each.value}, only {', '.join(known)}"
            query.absent.append(what)
    return metric.labels


def _aggregate(node: Any, query: Query) -> Labels:
    inner = _infer(node.expr, query)
    if node.param is not None and str(node.op) in ("topk", "bottomk"):
        return inner
    if node.modifier is None:
        return _NONE
    named = frozenset(node.modifier.labels)
    if node.modifier.type == promql.AggModifierType.Without:
        return None if inner is None else inner - named
    _require(named, inner, f"{node.op} by", query)
    return named


def _combine(node: Any, query: Query) -> Labels:
    left, right = _infer(node.lhs, query), _infer(node.rhs, query)
    if _is_scalar(node.lhs) or _is_scalar(node.rhs):
        return right if _is_scalar(node.lhs) else left
    modifier = node.modifier
    matching = modifier.matching if modifier is not None else None
    if matching is not None:
        on = matching.type == promql.LabelModifierType.Include
        named = frozenset(matching.labels)
        if on:
            _require(named, left, "the left side of on", query)
            _require(named, right, "the right side of on", query)
        elif left is not None and right is not None:
            _require(named, left | right, "ignoring", query)
    if str(node.op) == "or":
        return None if left is None or right is None else left | right
    if str(node.op) in _KEEPING_LEFT or modifier is None:
        return left
    if modifier.card == promql.VectorMatchCardinality.OneToMany:
        return None if right is None else right | set(modifier.group_labels or ())
    if modifier.card == promql.VectorMatchCardinality.ManyToOne:
        return None if left is None else left | set(modifier.group_labels or ())
    if matching is None or left is None:
        return left
    return named if on else left - named


def _is_scalar(node: Any) -> bool:
    match node:
        case promql.NumberLiteral():
            return True
        case promql.Call():
            return node.func.name in ("time", "scalar", "pi")
        case promql.ParenExpr() | promql.UnaryExpr():
            return _is_scalar(node.expr)
        case promql.BinaryExpr():
            return _is_scalar(node.lhs) and _is_scalar(node.rhs)
    return False


def _call(node: Any, query: Query) -> Labels:
    inner = [_infer(each, query) for each in node.args]
    name, vectors = node.func.name, [each for each in inner if each is None or each]
    if name == "absent":
        return frozenset(query.selectors[-1][1]) if len(query.selectors) == 1 else None
    if name.startswith("label_"):
        return None
    if name == "vector" or not vectors:
        return _NONE
    labels = vectors[-1]
    return labels - {"le"} if name == "histogram_quantile" and labels is not None else labels


def _require(named: frozenset[str], labels: Labels, where: str, query: Query) -> None:
    for name in sorted(named - labels) if labels is not None else ():
        query.problems.append(f"{where} ({name}): its series have no label {name}")


def find_unknown(names: Sequence[str], query: Query) -> list[str]:
    """Return the labels of a legend or a message that the result of a query does not have."""
    return [] if query.labels is None else sorted(set(names) - query.labels - {"__name__"})
