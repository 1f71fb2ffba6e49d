"""Selectors: each finds what it is for, and nothing of another's."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.labels import STABLE


def selector(obj: RenderedObject) -> dict[str, Any]:
    """The labels by which an object selects pods; empty if it selects none."""
    found = obj.spec.get("selector") or {}
    return found.get("matchLabels") or {} if "matchLabels" in found else dict(found)


def selects(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a selector finds what has these labels; an empty one finds nothing here."""
    return bool(wanted) and wanted.items() <= labels.items()


def caught(chart: RenderedChart, wanted: Mapping[str, Any], *kinds: str) -> list[str]:
    """The objects (of some kinds, or any) whose pods a selector finds."""
    return [
        obj.identity
        for obj, pod in chart.pods()
        if (not kinds or obj.kind in kinds) and selects(wanted, pod_labels(pod))
    ]


@rule("selectors/stable", "Take it from common.selector.", house=True)
def check_stable(chart: RenderedChart) -> Iterator[Violation]:
    """A workload selects its pods by labels that never change; the selector can't either."""
    for obj in chart.of_kind(*SERVERS):
        if set(selector(obj)) != STABLE:
            wrong = f"{obj.identity} selects by {', '.join(sorted(selector(obj))) or 'nothing'}"
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/own-pods", "Give the component a label of its own, and select by it.")
def check_own_pods(chart: RenderedChart) -> Iterator[Violation]:
    """A workload selects its own pods and no others."""
    for obj in chart.of_kind(*SERVERS):
        found = caught(chart, selector(obj))
        if set(found) != {obj.identity}:
            wrong = f"{obj.identity} selects the pods of {', '.join(found) or 'nothing'}"
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/service", "Select by the labels of the one server that it leads to.")
def check_service(chart: RenderedChart) -> Iterator[Violation]:
    """A Service leads to the pods of one server, never to those of a Job."""
    for obj in chart.of_kind("Service"):
        found = sorted(set(caught(chart, selector(obj))))
        # The nodes of one application may know each other by a Service without an address.
        alike = obj.spec.get("clusterIP") == "None" and len(_apps(chart, found)) == 1
        if selector(obj) and len(found) != 1 and not alike:
            wrong = f"{obj.identity} leads to {', '.join(found) or 'no pod'}"
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/budget", "Select by the labels of the one server that it protects.")
def check_budget(chart: RenderedChart) -> Iterator[Violation]:
    """A PodDisruptionBudget protects the pods of one server."""
    for obj in chart.of_kind("PodDisruptionBudget"):
        found = sorted(set(caught(chart, selector(obj))))
        if selector(obj) and len(found) != 1:
            wrong = f"{obj.identity} protects {', '.join(found) or 'no pod'}"
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/spread", "Select by the workload's own labels.")
def check_spread(chart: RenderedChart) -> Iterator[Violation]:
    """Pods are spread apart from their own kind: the constraint selects the pod that has it."""
    for obj, pod in chart.pods():
        for each in pod["spec"].get("topologySpreadConstraints") or []:
            wanted = (each.get("labelSelector") or {}).get("matchLabels") or {}
            if not selects(wanted, pod_labels(pod)):
                wrong = f"{obj.identity}: its topologySpreadConstraint selects other pods"
                yield Violation(obj, ("spec", "topologySpreadConstraints"), wrong)


@rule("selectors/monitor", "Select by the labels of what is scraped, and name one of its ports.")
def check_monitor(chart: RenderedChart) -> Iterator[Violation]:
    """A monitor finds something to scrape, on a port that is open."""
    for obj in chart.of_kind("PodMonitor"):
        pods = [p for _, p in chart.pods() if selects(selector(obj), pod_labels(p))]
        ports = {
            port.get("name")
            for pod in pods
            for container in pod["spec"].get("containers") or []
            for port in container.get("ports") or []
        }
        yield from _scrapes(obj, obj.spec.get("podMetricsEndpoints") or [], ports, bool(pods))
    for obj in chart.of_kind("ServiceMonitor"):
        there = [s for s in chart.of_kind("Service") if selects(selector(obj), s.labels)]
        ports = {port.get("name") for s in there for port in s.spec.get("ports") or []}
        yield from _scrapes(obj, obj.spec.get("endpoints") or [], ports, bool(there))


def _scrapes(
    obj: RenderedObject, endpoints: list[dict[str, Any]], ports: set[Any], found: bool
) -> Iterator[Violation]:
    elsewhere = obj.spec.get("namespaceSelector")
    if not found and not elsewhere:
        yield Violation(obj, ("spec", "selector"), f"{obj.identity} selects nothing")
    for each in endpoints if found else []:
        if "port" in each and each["port"] not in ports:
            wrong = f"{obj.identity}: no port is called {each['port']}"
            yield Violation(obj, ("spec", "port"), wrong)


def _apps(chart: RenderedChart, found: list[str]) -> set[Any]:
    """The labels `app` of the pods of some objects."""
    return {pod_labels(pod).get("app") for obj, pod in chart.pods() if obj.identity in found}
