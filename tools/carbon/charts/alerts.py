"""Rules of Prometheus: a chart's alerts/NAME.yaml, as the chart draws them.

What promtool plays through them stands in the chart's tests/alerts/NAME.yaml.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.render import Render, render_objects


@dataclass(frozen=True)
class Rules:
    """A file of rules of a chart: its name, and the groups as the chart draws them."""

    chart: Chart
    name: str
    groups: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.chart.name}/{self.name}"

    def rules(self) -> Iterator[dict[str, Any]]:
        """The rules of all groups."""
        for group in self.groups:
            yield from group["rules"]

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The rules that are alerts, by name."""
        return {rule["alert"]: rule for rule in self.rules() if "alert" in rule}

    def without_runbooks(self) -> list[dict[str, Any]]:
        """The groups, without the addresses that are the same for all."""
        groups = copy.deepcopy(self.groups)
        for rule in (rule for group in groups for rule in group["rules"]):
            rule.get("annotations", {}).pop("runbook_url", None)
        return groups

    def plays(self) -> dict[str, Any]:
        """The tests of these rules, as promtool reads them but for the file of the rules.

        Raises:
            CarbonError: there are none.
        """
        return read_yaml(self.chart.folder / "tests" / "alerts" / f"{self.name}.yaml")


def drawn(chart: Chart, apis: tuple[str, ...]) -> Iterator[Rules]:
    """Every file of rules of a chart, drawn in a cluster that has these APIs.

    Raises:
        CarbonError: the chart can't be rendered with global.monitoring on.
    """
    files = {p.stem: read_yaml(p) for p in sorted((chart.folder / "alerts").glob("*.yaml"))}
    if not files:
        return
    values = tuple(chart.folder.glob("ci/watched-values.yaml"))
    sets = ("global.monitoring.enabled=true", *chart.alone)
    watched = Render(chart.folder, values, sets=sets, apis=apis)
    for thing in (t for t in render_objects(watched) if t["kind"] == "PrometheusRule"):
        groups = thing["spec"]["groups"]
        for name in (n for n, f in files.items() if f["groups"][0]["name"] == groups[0]["name"]):
            yield Rules(chart, name, groups)
