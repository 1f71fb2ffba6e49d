"""The queries of a rendered chart: those of its alerts and those of its dashboards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from carbon.check.findings import Violation
from carbon.check.render.objects import RenderedChart, RenderedObject

_Row = tuple[str, str, str, str | None]


@dataclass(frozen=True)
class Alert:
    """One rule of a PrometheusRule."""

    object: RenderedObject
    group: str
    rule: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the alert or of the recorded series."""
        return str(self.rule.get("alert") or self.rule.get("record"))

    @property
    def expression(self) -> str:
        """The query."""
        return str(self.rule.get("expr"))

    def report(self, what: str, *below: str) -> Violation:
        """Return a violation at the line of the alert, in alerts/GROUP.yaml or in the template.

        `below` are texts of later lines: the violation is at the last of them that the file has.
        """
        obj = _move(self.object, f"alerts/{self.group}.yaml")
        key = "alert" if "alert" in self.rule else "record"
        text = "\n".join([f"- {key}: {self.name}", *below])
        return Violation(obj, (), f"{self.name}: {what}", text=text)


@dataclass(frozen=True)
class Panel:
    """One query of a Grafana dashboard in a ConfigMap."""

    object: RenderedObject
    file: str
    """The key of the ConfigMap."""
    title: str
    expression: str
    legend: str
    unit: str | None
    """The unit of Grafana; empty if the panel sets none, None if the panel has no fieldConfig."""

    @property
    def source(self) -> RenderedObject:
        """The object as if dashboards/NAME.yaml had rendered it."""
        return _move(self.object, f"dashboards/{self.file.removesuffix('.json')}.yaml")

    def report(self, what: str) -> Violation:
        """Return a violation at the line of the query, in the source of the dashboard."""
        text = f"expr: {' '.join(self.expression.split())}"
        return Violation(self.source, (), f"panel {self.title}: {what}", text=text)

    def report_panel(self, what: str, *below: str) -> Violation:
        """Return a violation at the line of the panel, or at texts in lines below it."""
        text = "\n".join([f"- title: {self.title}", *below])
        return Violation(self.source, (), f"panel {self.title}: {what}", text=text)


def list_alerts(chart: RenderedChart) -> Iterator[Alert]:
    """Yield the alerts and recorded series of every PrometheusRule."""
    for obj in chart.of_kind("PrometheusRule"):
        for group in obj.spec.get("groups") or []:
            for rule in group.get("rules") or []:
                yield Alert(obj, str(group.get("name")), rule)


def list_panels(chart: RenderedChart) -> Iterator[Panel]:
    """Yield the Prometheus queries of every dashboard."""
    for obj in chart.of_kind("ConfigMap"):
        for name, text in (obj.body.get("data") or {}).items():
            if str(name).endswith(".json") and '"panels"' in str(text):
                for title, expression, legend, unit in _read_dashboard(str(text)):
                    yield Panel(obj, str(name), title, expression, legend, unit)


@cache
def _read_dashboard(text: str) -> tuple[_Row, ...]:
    """Return title, query, legend and unit of each query of a dashboard."""
    try:
        board = json.loads(text)
    except ValueError:
        return ()
    return tuple(_walk(board.get("panels") or [])) if isinstance(board, dict) else ()


def _walk(panels: list[dict[str, Any]]) -> Iterator[_Row]:
    for panel in panels:
        settings = panel.get("fieldConfig")
        unit = str((settings.get("defaults") or {}).get("unit") or "") if settings else None
        for target in panel.get("targets") or []:
            if target.get("expr"):
                legend = str(target.get("legendFormat") or "")
                yield str(panel.get("title")), str(target["expr"]), legend, unit
        yield from _walk(panel.get("panels") or [])


def _move(obj: RenderedObject, file: str) -> RenderedObject:
    """Return an object as if a file of its chart had rendered the object."""
    folder = obj.source.partition("/templates/")[0]
    return replace(obj, source=f"{folder}/{file}") if folder else obj
