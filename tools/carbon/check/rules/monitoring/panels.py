"""Panels of dashboards: units and percentiles agree with the queries."""

import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql

from carbon.check.findings import Violation, rule
from carbon.check.monitoring.tree import find_tree, iterate_nodes, read_number
from carbon.check.monitoring.units import Unit, infer_unit
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.monitoring.sources import Panel, list_alerts, list_panels

UNSTATED = ("short", "", "none", "locale")
"""Units of Grafana that show a number alone."""
UNITS = {
    "s": ("s", "dtdurations", "dthms", "dtdhms", "clocks"),
    "ms": ("ms", "dtdurationms", "clockms"),
    "m": ("m",),
    "h": ("h",),
    "d": ("d",),
    "bytes": ("bytes", "decbytes"),
    "bytes per second": ("Bps", "binBps"),
    "ratio": ("percentunit",),
    "percent": ("percent",),
}
"""The units of Grafana for a unit, the usual one first."""
TITLES = {
    "percent": ("percent", "percentunit"),
    "bytes": ("bytes", "decbytes", "Bps", "binBps"),
    "watts": ("watt",),
    "°C": ("celsius",),
}
"""Word in the title of a panel -> units of Grafana that the panel can have then."""
RATES = ("reqps", "ops", "cps", "rps", "wps", "iops", "eps", "mps", "rowsps", "recps", "pps")
KNOWN = {*RATES, "ns", "µs", *(each for some in UNITS.values() for each in some)}
"""Units of Grafana that this module compares."""
_NAMES = {
    "s": "seconds", "ms": "milliseconds", "m": "minutes", "h": "hours", "d": "days",
    "bytes": "bytes", "ratio": "a ratio, 1 for 100 %", "percent": "percent", "number": "a number",
}  # fmt: skip
_PERCENTILE = re.compile(r"\bp(\d\d(?:\.\d+)?)\b")
_QUANTILES = ("histogram_quantile", "quantile_over_time", "quantile")


@rule("dashboards/unit", "Correct the unit of the panel, or scale the query.")
def check_unit(chart: RenderedChart) -> Iterator[Violation]:
    """The unit of a panel is that of its queries: `s` for a metric whose name ends in _seconds."""
    found = [(panel, unit, _list_accepted(unit)) for panel, unit in _list_units(chart)]
    agreed = {(panel.file, panel.title) for panel, _, right in found if panel.unit in right}
    for panel, unit, right in found:
        if panel.unit not in KNOWN.difference(right):
            continue
        wrong = f"the unit is {panel.unit}, and the query returns {_describe(unit)}"
        if (panel.file, panel.title) in agreed:  # the other queries of the panel have its unit
            yield panel.report(wrong)
        else:
            yield panel.report_panel(f"{wrong}; write {right[0]}", f"unit: {panel.unit}")


@rule("dashboards/unit-missing", "Set `unit` of the panel.", house=True)
def check_unit_missing(chart: RenderedChart) -> Iterator[Violation]:
    """A panel of seconds, bytes or a ratio has a unit."""
    for panel, unit in _list_units(chart):
        right = _list_accepted(unit)
        if panel.unit in UNSTATED and right[0] not in UNSTATED:
            wrong = f"the query returns {_describe(unit)}; write unit: {right[0]}"
            yield panel.report_panel(wrong)


@rule("dashboards/title", "Correct the unit of the panel, or the unit in its title.", house=True)
def check_title(chart: RenderedChart) -> Iterator[Violation]:
    """A panel's title contains percent, bytes, watts or °C exactly if that is the panel's unit.

    The rule dashboards/unit reports a unit that the query contradicts.
    """
    known = {panel.expression: _list_accepted(unit) for panel, unit in _list_units(chart)}
    for panel in list_panels(chart):
        right = known.get(panel.expression)
        if panel.unit is None or (right and panel.unit not in right):
            continue
        for word, units in TITLES.items():
            has_unit = panel.unit in units
            if has_unit != (word in re.split(r"[\s,]+", panel.title)):
                shown = panel.unit or "missing"
                wrong = (
                    f"the unit is {shown}, and the title {'lacks' if has_unit else 'has'} {word}"
                )
                yield panel.report_panel(wrong, *([f"unit: {panel.unit}"] if panel.unit else []))


@rule("queries/percentile", "Correct the text, or the number in the query.")
def check_percentile(chart: RenderedChart) -> Iterator[Violation]:
    """A percentile in a legend, a title or a message is the one that the query computes."""
    for panel in list_panels(chart):
        for number in _list_quantiles(panel.expression):
            for text in (panel.legend, panel.title):
                if not _names(text, number):
                    wrong = f"the query returns p{number:g}, and the panel shows it as {text!r}"
                    yield panel.report(wrong)
                    break
    for alert in list_alerts(chart):
        text = " ".join(map(str, (alert.rule.get("annotations") or {}).values()))
        for number in _list_quantiles(alert.expression):
            if not _names(text, number):
                shown = ", ".join(f"p{each}" for each in _PERCENTILE.findall(text))
                yield alert.report(f"the query returns p{number:g}, the text names {shown}", "expr")


def _list_units(chart: RenderedChart) -> Iterator[tuple[Panel, Unit]]:
    """Yield each query with a known unit, in a panel that can have a unit."""
    for panel in list_panels(chart):
        tree = find_tree(panel.expression)
        unit = infer_unit(tree) if tree is not None else None
        if unit is not None and unit.name != "date" and panel.unit is not None:
            yield panel, unit


def _list_accepted(unit: Unit) -> tuple[str, ...]:
    """Return the units of Grafana for a unit, the usual one first."""
    if unit.name == "number":
        return (*UNSTATED, *(RATES if unit.per_second else UNITS["ratio"]))
    if unit.per_second and unit.name != "bytes":  # seconds per second, such as CPUs in use
        return (*UNSTATED, *UNITS["ratio"])
    return UNITS[f"{unit.name} per second" if unit.per_second else unit.name]


def _describe(unit: Unit) -> str:
    return _NAMES[unit.name] + (" per second" if unit.per_second else "")


def _list_quantiles(expression: str) -> Iterator[float]:
    """Yield the percentile of each quantile in a query."""
    tree: Any = find_tree(expression)
    for node in iterate_nodes(tree) if tree is not None else ():
        number = None
        if isinstance(node, promql.Call) and node.func.name in _QUANTILES:
            number = read_number(node.args[0])
        elif isinstance(node, promql.AggregateExpr) and str(node.op) in _QUANTILES:
            number = read_number(node.param)
        if number is not None:
            yield round(number * 100, 6)


def _names(text: str, number: float) -> bool:
    """Return whether a text names the percentile `number`, or no percentile at all."""
    named = [float(each) for each in _PERCENTILE.findall(text)]
    return not named or number in named
