"""Fractions: quotients of a part and its whole, or of an amount and its limit."""

from typing import Any

import promql_parser as promql

from carbon.check.monitoring.tree import COMPARISONS, read_number, strip_parentheses

LIMITS = {"all", "allocatable", "capacity", "hard", "limit", "limits", "max", "maximum", "quota"}
"""Words in the name, or in a matcher, of a series that an amount does not exceed for long."""
PARTS = {
    "error", "errors", "exceptions", "failed", "failure", "failures", "rejected", "success",
    "successful", "dropped", "timeout", "timeouts", "hits", "misses",
}  # fmt: skip
"""Words in the name of a series that counts a part of what the series without the word counts."""
MOST = 2.0
"""The greatest quotient of an amount and its limit.

It exceeds 1, because a limit can be lowered below the amount.
"""
_Selector = tuple[list[str], str, dict[str, str]]
"""Functions from outside to inside, the name of the metric, its matchers."""


def split_factor(node: Any) -> tuple[float, Any]:
    """Return the number and the series of a product such as 100 * a; 1 and a for the series a."""
    node = strip_parentheses(node)
    if isinstance(node, promql.BinaryExpr) and str(node.op) == "*":
        for number, series in ((node.lhs, node.rhs), (node.rhs, node.lhs)):
            if (factor := read_number(number)) is not None:
                return factor, series
    return 1.0, node


def find_greatest(left: Any, right: Any) -> float | None:
    """Return the greatest value of a fraction; None if a quotient is not known to be a fraction."""
    left, right = _strip_filter(left), _strip_filter(right)
    if _is_term(left, right):
        return 1.0
    part, whole = _read_selector(left), _read_selector(right)
    if part is None or whole is None:
        return None
    if part[1] == whole[1]:
        if part[0] == whole[0] and whole[2].items() <= part[2].items():
            return 1.0
        limits = set(whole[2].values()) - set(part[2].values())
        return MOST if limits & LIMITS else None
    return _compare_names(part[1].split("_"), whole[1].split("_"))


def _compare_names(part: list[str], whole: list[str]) -> float | None:
    more, fewer = set(part) - set(whole), set(whole) - set(part)
    if not fewer and more and more <= PARTS:
        return 1.0
    total = whole[-1] == "total" and len(more) == len(fewer) == 1
    return MOST if fewer & LIMITS or (total and "total" in fewer) else None


def _is_term(part: Any, whole: Any) -> bool:
    """Return whether an expression is a term of a sum, such as a of a + b."""
    whole = strip_parentheses(whole)
    if not isinstance(whole, promql.BinaryExpr) or str(whole.op) != "+":
        return False
    sides = (_strip_filter(whole.lhs), _strip_filter(whole.rhs))
    return any(each.prettify() == part.prettify() or _is_term(part, each) for each in sides)


def _strip_filter(node: Any) -> Any:
    """Return the left side of a comparison with a number, and of `or`; else the expression."""
    node = strip_parentheses(node)
    while isinstance(node, promql.BinaryExpr):
        compared = str(node.op) in COMPARISONS and read_number(node.rhs) is not None
        if not compared and str(node.op) != "or":
            break
        node = strip_parentheses(node.lhs)
    return node


def _read_selector(node: Any) -> _Selector | None:
    """Return the functions around the one selector of an expression, and the selector."""
    functions = []
    while not isinstance(node, promql.VectorSelector):
        match node:
            case promql.AggregateExpr():
                functions.append(str(node.op))
                node = node.expr
            case promql.Call() if node.args:
                functions.append(node.func.name)
                node = node.args[-1]
            case promql.MatrixSelector():
                node = node.vector_selector
            case promql.ParenExpr() | promql.BinaryExpr():
                inner = _strip_filter(node)
                if isinstance(inner, promql.BinaryExpr):
                    return None
                node = inner
            case _:
                return None
    matchers = {each.name: f"{each.value}" for each in node.matchers.matchers}
    return functions, node.name or "", matchers
