"""The components table and the workloads that a chart renders by default agree."""

from collections.abc import Iterator, Mapping

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.sources.components import TABLE

ROW = f"Add a row for the workload to {TABLE}."


def _list_workloads(chart: RenderedChart) -> dict[str, RenderedObject]:
    return {obj.workload: obj for obj in chart.objects if obj.pods}


@rule("components/listed", ROW, house=True)
def check_listed(chart: RenderedChart) -> Iterator[Violation]:
    """Every workload that a chart renders by default has a row in the components table."""
    if chart.is_default:
        known = {row.workload for row in chart.components}
        for workload, obj in _list_workloads(chart).items():
            if workload not in known:
                yield Violation(obj, ("metadata", "name"), f"{workload} has no row in {TABLE}")


@rule("components/rendered", f"Remove the row from {TABLE}, or render the workload.", house=True)
def check_rendered(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders the workload of every row of the components table by default."""
    if chart.is_default and not chart.is_umbrella and chart.objects:
        for row in chart.components:
            if row.workload not in _list_workloads(chart):
                wrong = f"the chart does not render {row.workload}, which has a row in {TABLE}"
                yield Violation(chart.objects[0], (), wrong)


@rule("components/app", f"Set the label `app` to the value in {TABLE}.", house=True)
def check_app(chart: RenderedChart) -> Iterator[Violation]:
    """The label `app` of a workload and its pods has the value in the components table."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _list_workloads(chart).items():
        given = {obj.labels.get("app"), *(pod_labels(pod).get("app") for pod in obj.pods)}
        if workload in rows and given != {rows[workload].app}:
            shown = " and ".join(sorted(str(each or "missing") for each in given))
            wrong = f"{workload}: the label app is {shown}, not {rows[workload].app}"
            yield Violation(obj, ("metadata", "labels", "app"), wrong)


@rule(
    "components/token", f"Set automountServiceAccountToken to the `token` in {TABLE}.", house=True
)
def check_token(chart: RenderedChart) -> Iterator[Violation]:
    """A pod mounts a ServiceAccount token exactly if its row in the table sets `token`."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _list_workloads(chart).items():
        for pod in obj.pods if workload in rows else []:
            if pod["spec"].get("automountServiceAccountToken", False) != rows[workload].token:
                token = str(rows[workload].token).lower()
                wrong = f"{workload}: automountServiceAccountToken is not {token}"
                yield Violation(obj, ("automountServiceAccountToken",), wrong)


@rule(
    "components/services", f"Render the Services and ports of {TABLE}, or correct the table.", True
)
def check_services(chart: RenderedChart) -> Iterator[Violation]:
    """A component has exactly the Services and ports that its row of the components table lists."""
    rows = {row.workload: row for row in chart.components} if chart.is_default else {}
    for workload, obj in _list_workloads(chart).items():
        if workload not in rows:
            continue
        listed = rows[workload].services
        there = {
            service.name: service
            for service in chart.of_kind("Service")
            if any(selects(read_selector(service), pod_labels(pod)) for pod in obj.pods)
        }
        for name in listed.keys() - there.keys():
            yield Violation(obj, (), f"{workload} has no Service/{name}, which {TABLE} lists")
        for name, service in there.items():
            if name in listed:
                yield from _compare_ports(service, listed[name])
            else:
                yield Violation(service, (), f"{TABLE} lists no Service/{name} of {workload}")


def _compare_ports(service: RenderedObject, listed: Mapping[str, int]) -> Iterator[Violation]:
    """Yield a violation for each port that differs from the components table."""
    there = {str(port.get("name")): port.get("port") for port in service.spec.get("ports") or []}
    for name in sorted(listed.keys() | there.keys()):
        path = ("spec", "ports", f"name={name}", "port")
        if name not in there:
            wrong = f"{service.identity} has no port {name} ({listed[name]} in {TABLE})"
            yield Violation(service, ("spec", "ports"), wrong)
        elif name not in listed:
            wrong = f"{TABLE} does not list the port {name} ({there[name]}) of {service.identity}"
            yield Violation(service, path, wrong)
        elif there[name] != listed[name]:
            wrong = f"{service.identity}: the port {name} is {there[name]}, not {listed[name]}"
            yield Violation(service, path, wrong)
