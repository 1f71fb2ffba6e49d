"""Containers that queries select."""

import re
from collections.abc import Iterator

from carbon.charts.render import containers
from carbon.check.findings import Violation, rule
from carbon.check.monitoring.promql import read_query
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.monitoring.sources import Alert, Panel, list_alerts, list_panels

_NAMES = re.compile(r"[a-z0-9-]+(\|[a-z0-9-]+)*")
"""Names of containers, such as feast-server|feast-grpc."""


@rule("queries/containers", "Write the name of a container of the chart.", house=True)
def check_containers(chart: RenderedChart) -> Iterator[Violation]:
    """A query that selects the series of one container names a container of the chart's pods."""
    known = {each["name"] for _, pod in chart.pods() for each in containers(pod)}
    places: list[Alert | Panel] = [*list_alerts(chart), *list_panels(chart)]
    for place in places if known else ():
        selectors = read_query(place.expression).selectors
        for value in dict.fromkeys(matchers.get("container", "") for _, matchers in selectors):
            if _NAMES.fullmatch(value) and not known.intersection(value.split("|")):
                yield place.report(f"no pod has a container {value.replace('|', ' or ')}")
