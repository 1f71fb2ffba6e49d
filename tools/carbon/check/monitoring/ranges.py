"""Ranges: the least and the greatest value of a query's result.

`find_constant` finds comparisons that are always true or never true.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import promql_parser as promql

from carbon.check.monitoring.fractions import MOST, find_greatest, split_factor
from carbon.check.monitoring.tree import COMPARISONS, is_bool, iterate_nodes, read_number


@dataclass(frozen=True)
class Range:
    """The values from `low` to `high`, both inclusive."""

    low: float = -inf
    high: float = inf

    @property
    def is_limited(self) -> bool:
        """True if there are several values, and a least and a greatest one."""
        return isfinite(self.low) and isfinite(self.high) and self.low < self.high

    def __str__(self) -> str:
        """Return the range in words."""
        if self.low == self.high:
            return f"is always {self.low:g}"
        if not isfinite(self.high):
            return f"is at least {self.low:g}"
        if self.high == MOST and self.low == 0:
            return "is a fraction, 1 for 100 %"
        return f"is from {self.low:g} to {self.high:g}" if isfinite(self.low) else "is smaller"


ANY, POSITIVE, BOOLEAN, ONE = Range(), Range(0), Range(0, 1), Range(1, 1)
_BOOLEAN = re.compile(
    r"(.+_)?up|kube_.*_(phase|condition|reason)|kube_job_(failed|complete)|\w+_success"
)
"""Metrics with the values 0 and 1."""
_PERCENT = re.compile(r"\w*(disk|mem|memory|swap)\w*_percent(age)?")
_POSITIVE = re.compile(r"\w+_(total|count|bucket|bytes)|kube_\w+")
_KEEPING = {
    "min", "max", "avg", "quantile", "topk", "bottomk", "limitk", "label_replace", "label_join",
    "sort", "sort_desc", "vector", "scalar", "min_over_time", "max_over_time", "avg_over_time",
    "last_over_time", "quantile_over_time",
}  # fmt: skip
"""Functions and aggregations whose result is in the range of their series."""
_FUNCTIONS = {
    "absent": ONE, "absent_over_time": ONE, "present_over_time": ONE, "group": ONE,
    "count": Range(1), "count_over_time": Range(1), "changes": POSITIVE, "resets": POSITIVE,
    "rate": POSITIVE, "irate": POSITIVE, "increase": POSITIVE, "stddev": POSITIVE,
    "stdvar": POSITIVE, "time": Range(1e9), "abs": POSITIVE,
}  # fmt: skip


def infer_range(node: Any) -> Range:
    """Return the range of an expression's result."""
    if (number := read_number(node)) is not None:
        return Range(number, number)
    match node:
        case promql.VectorSelector():
            return _read_range(node.name or "")
        case promql.MatrixSelector():
            return _read_range(node.vector_selector.name or "")
        case promql.ParenExpr() | promql.SubqueryExpr():
            return infer_range(node.expr)
        case promql.AggregateExpr():
            return _call(str(node.op), node.expr)
        case promql.Call():
            series = [each for each in node.args if read_number(each) is None]
            first = node.func.name.startswith("label_")
            inner = series[0 if first else -1] if series else (node.args or [None])[-1]
            return _call(node.func.name, inner)
        case promql.BinaryExpr():
            return _combine(node, str(node.op))
    return ANY


def _read_range(name: str) -> Range:
    if _BOOLEAN.fullmatch(name):
        return BOOLEAN
    if _PERCENT.fullmatch(name):
        return Range(0, 100)
    return POSITIVE if _POSITIVE.fullmatch(name) else ANY


def _call(name: str, inner: Any) -> Range:
    if name in _FUNCTIONS:
        return _FUNCTIONS[name]
    found = infer_range(inner) if inner is not None else ANY
    if name in _KEEPING:
        return found
    return POSITIVE if name in ("sum", "sum_over_time") and found.low >= 0 else ANY


def _combine(node: Any, op: str) -> Range:
    left, right = infer_range(node.lhs), infer_range(node.rhs)
    if op in COMPARISONS:
        if is_bool(node):
            return BOOLEAN
        scalar = read_number(node.lhs) is not None
        return _select(right, _FLIPPED[op], left) if scalar else _select(left, op, right)
    match op:
        case "and" | "unless":
            return left
        case "or":
            return Range(min(left.low, right.low), max(left.high, right.high))
        case "+":
            return Range(left.low + right.low, left.high + right.high)
        case "-":
            return Range(left.low - right.high, left.high - right.low)
        case "*" if left.low >= 0 and right.low >= 0:
            return Range(_multiply(left.low, right.low), _multiply(left.high, right.high))
        case "/":
            return _divide(node, left, right)
    return ANY


def _multiply(one: float, two: float) -> float:
    return one * two if one and two else 0.0


def _divide(node: Any, left: Range, right: Range) -> Range:
    if right.low == right.high and right.low > 0:
        return Range(left.low / right.low, left.high / right.low)
    factor, part = split_factor(node.lhs)
    if factor > 0 and (most := find_greatest(part, node.rhs)) is not None:
        return Range(0, most * factor)
    return POSITIVE if left.low >= 0 and right.low >= 0 else ANY


def _select(one: Range, op: str, other: Range) -> Range:
    """Return the range of the values of a series that a comparison selects."""
    low = max(one.low, other.low) if op in (">", ">=", "==") else one.low
    high = min(one.high, other.high) if op in ("<", "<=", "==") else one.high
    return Range(low, high) if low <= high else one


_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_NEVER: dict[str, Callable[[Range, Range], bool]] = {
    ">": lambda one, two: one.high <= two.low,
    "<": lambda one, two: one.low >= two.high,
    ">=": lambda one, two: one.high < two.low,
    "<=": lambda one, two: one.low > two.high,
    "==": lambda one, two: one.high < two.low or one.low > two.high,
    "!=": lambda one, two: one.low == one.high == two.low == two.high,
}
_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}


def find_constant(tree: Any) -> Iterator[tuple[Any, str]]:
    """Yield each comparison of a query whose result is always the same, and why it is."""
    for node in iterate_nodes(tree):
        if not isinstance(node, promql.BinaryExpr) or str(node.op) not in COMPARISONS:
            continue
        op, one, two = str(node.op), infer_range(node.lhs), infer_range(node.rhs)
        if read_number(node.lhs) is not None:
            op, one, two = _FLIPPED[op], two, one
        if two.low != two.high:
            continue
        percent = (
            f"; write {two.low / 100:g} for {two.low:g} %"
            if one.high <= MOST and 2 < two.low <= 100
            else ""
        )
        if _NEVER[op](one, two):
            yield node, f"{op} {two.low:g} is never true: the compared value {one}{percent}"
        elif one.is_limited and _NEVER[_OPPOSITE[op]](one, two):
            yield node, f"{op} {two.low:g} is always true: the compared value {one}{percent}"
