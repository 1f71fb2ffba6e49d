"""Units: the unit of a query's result, as the names of its metrics state it.

A name ends with the unit: `_seconds`, `_bytes`. A rate is a unit per second; the quotient of a part
and its whole is a ratio; a factor of 1000 makes milliseconds from seconds.
"""

from dataclasses import dataclass, replace
from typing import Any

import promql_parser as promql

from carbon.check.monitoring.fractions import find_greatest, split_factor
from carbon.check.monitoring.tree import COMPARISONS, is_bool, list_metrics, read_number


@dataclass(frozen=True)
class Unit:
    """A unit, or a unit per second."""

    name: str
    """s, ms, m, h, d, bytes, ratio (1 is all), percent, date (seconds since 1970), number."""
    per_second: bool = False


NUMBER, DATE, RATIO, PERCENT = Unit("number"), Unit("date"), Unit("ratio"), Unit("percent")
SECONDS = Unit("s")
ENDINGS = {
    "seconds": SECONDS,
    "milliseconds": Unit("ms"),
    "ms": Unit("ms"),
    "bytes": Unit("bytes"),
    "ratio": RATIO,
    "percent": PERCENT,
    "percentage": PERCENT,
    "UTIL": PERCENT,  # of DCGM
}
"""The unit that the last word of a metric's name states, before `total`, `sum` and the like."""
FACTORS = {
    ("s", 1000.0): "ms",
    ("ms", 1 / 1000): "s",
    ("s", 1 / 60): "m",
    ("s", 1 / 3600): "h",
    ("s", 1 / 86400): "d",
    ("ratio", 100.0): "percent",
    ("percent", 1 / 100): "ratio",
}
"""The unit after a multiplication."""
_COUNTED = {
    "commands", "connections", "errors", "exceptions", "failure", "failures", "hits", "misses",
    "replicas", "request", "requests", "restarts", "retries", "success", "tasks", "status",
}  # fmt: skip
"""Words before `total` in the name of a counter of events: its unit is a number."""
_SAME = {"abs", "ceil", "floor", "round", "sort", "sort_desc", "label_replace", "label_join"}
_FIRST = _SAME | {"clamp", "clamp_min", "clamp_max", "increase", "delta", "idelta", "scalar"}
_COUNTS = ("count", "count_values", "group")


def read_unit(name: str) -> Unit | None:
    """Return the unit that the name of a metric states; None if it states none."""
    *words, last = name.split("_")
    if "timestamp" in name or (name.startswith("kube_") and last in ("created", "time")):
        return DATE
    if last in ("bucket", "count"):
        return NUMBER if words else None
    if last in ("total", "sum") and words:
        return ENDINGS.get(words[-1]) or (NUMBER if words[-1] in _COUNTED else None)
    return ENDINGS.get(last)


def infer_unit(node: Any) -> Unit | None:
    """Return the unit of an expression's result; None if it is not known."""
    match node:
        case promql.VectorSelector():
            return read_unit(node.name or "")
        case promql.MatrixSelector():
            return read_unit(node.vector_selector.name or "")
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return infer_unit(node.expr)
        case promql.AggregateExpr():
            return NUMBER if str(node.op) in _COUNTS else infer_unit(node.expr)
        case promql.Call():
            return _infer_call(node)
        case promql.BinaryExpr():
            return _infer_binary(node, str(node.op))
    return None


def _infer_call(node: Any) -> Unit | None:
    name = node.func.name
    if name in ("time", "timestamp"):
        return DATE
    if name in ("count_over_time", "changes", "resets"):
        return NUMBER
    if name == "histogram_quantile":
        return read_unit("".join(list_metrics(node)[:1]).removesuffix("_bucket"))
    if name in ("rate", "irate", "deriv"):
        inner = infer_unit(node.args[0])
        known = inner is not None and inner != DATE
        return replace(inner, per_second=True) if inner and known else None
    if name in _FIRST:
        return infer_unit(node.args[0])
    return infer_unit(node.args[-1]) if name.endswith("_over_time") else None


def _infer_binary(node: Any, op: str) -> Unit | None:
    left, right = read_number(node.lhs), read_number(node.rhs)
    one, two = infer_unit(node.lhs), infer_unit(node.rhs)
    if op in COMPARISONS:
        return None if is_bool(node) else (one if left is None else two)
    if op in ("and", "unless", "or"):
        return one or (two if op == "or" else None)
    if op == "*" and (left or right):
        return _scale(two if left else one, left or right or 0)
    if op == "/" and right:
        return _scale(one, 1 / right)
    if op == "/":
        return _divide(node, one, two)
    if op == "-" and one == DATE:
        return SECONDS if two in (None, DATE) and right is None else DATE
    if op in ("+", "-"):
        return one if two in (None, one) else two if one is None else None
    return None


def _scale(unit: Unit | None, factor: float) -> Unit | None:
    if unit is None or factor == 1:
        return unit
    found = [
        name
        for (old, by), name in FACTORS.items()
        if old == unit.name and not unit.per_second and abs(by / factor - 1) < 1e-9
    ]
    return Unit(found[0]) if found else None


def _divide(node: Any, one: Unit | None, two: Unit | None) -> Unit | None:
    factor, part = split_factor(node.lhs)
    if find_greatest(part, node.rhs) is not None:
        return _scale(RATIO, factor)
    if one is None or two is None or one == DATE:
        return None
    if two.name == "number":  # such as the sum by the count of a histogram
        left = one.per_second and not two.per_second
        return None if one.name == "number" else replace(one, per_second=left)
    same = one == two and one.name in ("s", "ms", "bytes")
    return RATIO if same else None
