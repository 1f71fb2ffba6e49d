"""Renders the Prometheus rules of a chart's alerts/NAME.yaml.

The promtool tests of these rules are in the chart's tests/alerts/NAME.yaml.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.render import Render, render_objects
from carbon.files import read_yaml


@dataclass(frozen=True)
class Rules:
    """The Prometheus rules in one alerts/NAME.yaml of a chart, rendered."""

    chart: Chart
    name: str
    groups: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.chart.name}/{self.name}"

    def list_rules(self) -> Iterator[dict[str, Any]]:
        """Yield the rules of all groups."""
        for group in self.groups:
            yield from group["rules"]

    def list_alerts(self) -> dict[str, dict[str, Any]]:
        """Return the rules that are alerts, by name."""
        return {rule["alert"]: rule for rule in self.list_rules() if "alert" in rule}

    def copy_without_runbooks(self) -> list[dict[str, Any]]:
        """Return a copy of the groups without the annotation `runbook_url`."""
        groups = copy.deepcopy(self.groups)
        for rule in (rule for group in groups for rule in group["rules"]):
            rule.get("annotations", {}).pop("runbook_url", None)
        return groups

    def read_tests(self) -> dict[str, Any]:
        """Return the promtool tests of these rules, without the key `rule_files`.

        Raises:
            CarbonError: the file with the tests is missing.
        """
        return read_yaml(self.chart.folder / "tests" / "alerts" / f"{self.name}.yaml")


def render_rules(chart: Chart, apis: tuple[str, ...]) -> Iterator[Rules]:
    """Yield the rules of each alerts/NAME.yaml of a chart, rendered with monitoring enabled.

    If the chart has ci/watched-values.yaml, the rules are rendered with these values.

    `apis` are the API versions that the cluster serves beside those of Kubernetes itself.

    Raises:
        CarbonError: the chart can't be rendered with global.monitoring.enabled=true.
    """
    files = {p.stem: read_yaml(p) for p in sorted((chart.folder / "alerts").glob("*.yaml"))}
    if not files:
        return
    values = tuple(chart.folder.glob("ci/watched-values.yaml"))
    sets = ("global.monitoring.enabled=true", *chart.without_subcharts)
    render = Render(chart.folder, values, sets=sets, apis=apis)
    for obj in (o for o in render_objects(render) if o["kind"] == "PrometheusRule"):
        groups = obj["spec"]["groups"]
        for name in (n for n, f in files.items() if f["groups"][0]["name"] == groups[0]["name"]):
            yield Rules(chart, name, groups)
