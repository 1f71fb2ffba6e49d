"""Messages of alerts: the durations and the unit that a message states are those of the alert."""

import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql

from carbon.check.findings import Violation, rule
from carbon.check.monitoring.tree import find_tree, iterate_nodes, read_number
from carbon.check.monitoring.units import Unit, infer_unit
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.monitoring.sources import Alert, list_alerts

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
SUFFIXES = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
"""Units of Prometheus for durations, in seconds."""
_DURATION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?\b")
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_VALUE = re.compile(r"\{\{-?\s*\$value\s*\|\s*(\w+)[^}]*\}\}(%?)")
FORMATS = {
    ("humanizePercentage", ""): {"ratio"},
    ("humanizeDuration", ""): {"s"},
    ("humanize", "%"): {"percent"},
}
"""The units of the values that a function of Prometheus' templates formats."""


@rule("alerts/duration", "Write the same duration in the message and in the alert.", True)
def check_duration(chart: RenderedChart) -> Iterator[Violation]:
    """A duration in a message is that of `for`, of a range or of a number in the query."""
    for alert, text in _list_messages(chart):
        known = set(_list_durations(alert))
        for number, unit in _DURATION.findall(text):
            seconds = float(number) * SECONDS[unit]
            if not {seconds, float(number)} & known:
                stated = alert.rule.get("for", "0s")
                wrong = f"the message names {number} {unit}s; `for` is {stated}, and the query"
                yield alert.report(f"{wrong} has no range of that length", "for:")


@rule("alerts/value", "Format the value as its unit requires, or scale the query.")
def check_value(chart: RenderedChart) -> Iterator[Violation]:
    """A message formats the value by its unit: humanizePercentage for a ratio, 1 for 100 %."""
    for alert, text in _list_messages(chart):
        tree = find_tree(alert.expression)
        unit = infer_unit(tree) if tree is not None else None
        for name, sign in _VALUE.findall(text):
            right = FORMATS.get((name, sign))
            if unit is not None and right and not _fits(unit, right):
                wrong = f"{name}{sign} formats {' or '.join(right)}; the query returns {unit.name}"
                yield alert.report(wrong, f"$value | {name}")


def _fits(unit: Unit, right: set[str]) -> bool:
    return unit.name in right and not unit.per_second


def _list_messages(chart: RenderedChart) -> Iterator[tuple[Alert, str]]:
    """Yield each alert with the text of its annotations."""
    for alert in list_alerts(chart):
        if "alert" in alert.rule:
            notes = alert.rule.get("annotations") or {}
            texts = [str(text) for key, text in notes.items() if not key.endswith("_url")]
            yield alert, " ".join(texts)


def _list_durations(alert: Alert) -> Iterator[float]:
    """Yield the durations of an alert in seconds, and the numbers in its query."""
    yield _read_duration(str(alert.rule.get("for", "0s")))
    yield _read_duration(str(alert.rule.get("keep_firing_for", "0s")))
    tree: Any = find_tree(alert.expression)
    for node in iterate_nodes(tree) if tree is not None else ():
        if isinstance(node, promql.MatrixSelector | promql.SubqueryExpr):
            yield node.range.total_seconds() if node.range else 0.0
        elif (number := read_number(node)) is not None:
            yield abs(number)


def _read_duration(text: str) -> float:
    """Return a duration of Prometheus, such as 1h30m, in seconds."""
    return float(sum(int(number) * SUFFIXES[unit] for number, unit in _PART.findall(text)))
