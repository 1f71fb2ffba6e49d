"""The syntax tree of a PromQL query."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import promql_parser as promql

_VARIABLE = re.compile(r"\$__(?:rate_)?interval|\$__range|\$\{?interval\}?")
"""A variable of Grafana for a duration."""
COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")


def parse(expression: str) -> Any:
    """Return the syntax tree of a query; Grafana's variables may stand for durations.

    Raises:
        ValueError: the query is not PromQL.
    """
    return promql.parse(_VARIABLE.sub("5m", expression))


@cache
def find_tree(expression: str) -> Any | None:
    """Return the syntax tree of a query; None if the query is not PromQL."""
    try:
        return parse(expression)
    except ValueError:
        return None


def iterate_nodes(node: Any) -> Iterator[Any]:
    """Yield a node and all nodes below it."""
    yield node
    for each in _list_children(node):
        yield from iterate_nodes(each)


def _list_children(node: Any) -> list[Any]:
    match node:
        case promql.BinaryExpr():
            return [node.lhs, node.rhs]
        case promql.Call():
            return list(node.args)
        case promql.AggregateExpr() | promql.SubqueryExpr():
            return [node.expr]
        case promql.ParenExpr() | promql.UnaryExpr():
            return [node.expr]
        case promql.MatrixSelector():
            return [node.vector_selector]
    return []


def list_metrics(node: Any) -> list[str]:
    """Return the metric name of each selector in a syntax tree; empty for one without a name."""
    below = iterate_nodes(node)
    return [each.name or "" for each in below if isinstance(each, promql.VectorSelector)]


def strip_parentheses(node: Any) -> Any:
    """Return the expression in parentheses."""
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def read_number(node: Any) -> float | None:
    """Return the value of a number such as 5, -5 or 1024 * 1024; None for other expressions."""
    match node:
        case promql.NumberLiteral():
            return float(node.val)
        case promql.ParenExpr():
            return read_number(node.expr)
        case promql.UnaryExpr():
            inner = read_number(node.expr)
            return None if inner is None else -inner
        case promql.BinaryExpr() if str(node.op) in ("*", "/"):
            left, right = read_number(node.lhs), read_number(node.rhs)
            if left is None or not right:
                return None
            return left * right if str(node.op) == "*" else left / right
    return None


def is_bool(node: Any) -> bool:
    """Return whether a comparison returns 0 or 1 instead of the series that it is true of."""
    return node.modifier is not None and bool(node.modifier.return_bool)
