"""The table of components and what is drawn by default agree."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import selector, selects
from carbon.check.sources.components import TABLE

ROW = f"Write its line in {TABLE}."


def _rows(chart: RenderedChart) -> dict[str, RenderedObject]:
    return {obj.workload: obj for obj in chart.objects if obj.pods}


@rule("components/listed", ROW, house=True)
def check_listed(chart: RenderedChart) -> Iterator[Violation]:
    """Every workload that a chart draws by default has its line in the table of components."""
    if chart.is_default:
        known = {row.workload for row in chart.components}
        for workload, obj in _rows(chart).items():
            if workload not in known:
                yield Violation(obj, ("metadata", "name"), f"{workload} has no line in {TABLE}")


@rule("components/rendered", f"Remove the line from {TABLE}, or draw it.", house=True)
def check_drawn_by_default(chart: RenderedChart) -> Iterator[Violation]:
    """Every line of the table is drawn by default."""
    if chart.is_default and not chart.is_umbrella and chart.objects:
        for row in chart.components:
            if row.workload not in _rows(chart):
                wrong = f"{row.workload} is in {TABLE} and not drawn"
                yield Violation(chart.objects[0], (), wrong)


@rule("components/app", f"Keep the label `app` that {TABLE} says people select by.", house=True)
def check_app(chart: RenderedChart) -> Iterator[Violation]:
    """The label `app` is the one that people there already select by."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _rows(chart).items():
        given = {obj.labels.get("app"), *(pod_labels(pod).get("app") for pod in obj.pods)}
        if workload in rows and given != {rows[workload].app}:
            wrong = f"{workload}: the label app is {given}, not {rows[workload].app}"
            yield Violation(obj, ("metadata", "labels", "app"), wrong)


@rule("components/token", f"Leave automountServiceAccountToken as {TABLE} says.", house=True)
def check_token(chart: RenderedChart) -> Iterator[Violation]:
    """Only who talks to the API server has a token."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _rows(chart).items():
        for pod in obj.pods if workload in rows else []:
            if pod["spec"].get("automountServiceAccountToken", False) != rows[workload].token:
                wrong = f"{workload}: its token is not as the table says ({rows[workload].token})"
                yield Violation(obj, ("automountServiceAccountToken",), wrong)


@rule("components/services", f"Keep the Services and ports of {TABLE}: clients use them.", True)
def check_services(chart: RenderedChart) -> Iterator[Violation]:
    """The Services of a component and their ports are the ones that clients know."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _rows(chart).items():
        if workload not in rows:
            continue
        there = {
            service.name: {port.get("name"): port.get("port") for port in service.spec["ports"]}
            for service in chart.of_kind("Service")
            if any(selects(selector(service), pod_labels(pod)) for pod in obj.pods)
        }
        if there != rows[workload].services:
            wrong = f"{workload}: its Services are {there}, not {dict(rows[workload].services)}"
            yield Violation(obj, (), wrong)
