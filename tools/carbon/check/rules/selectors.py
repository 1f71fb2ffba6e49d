"""Selectors: each workload, Service or policy selects its own pods and no others."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.labels import STABLE
from carbon.check.trees import iterate_maps

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes sets on every namespace; its value is the namespace's name."""


def read_selector(obj: RenderedObject) -> dict[str, Any]:
    """Return the labels by which an object selects pods; empty if it has no selector."""
    found = obj.spec.get("selector") or {}
    return found.get("matchLabels") or {} if "matchLabels" in found else dict(found)


def selects(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Return whether a selector matches labels; an empty selector matches none."""
    return bool(wanted) and wanted.items() <= labels.items()


def find_selected(chart: RenderedChart, wanted: Mapping[str, Any], *kinds: str) -> list[str]:
    """Return the objects whose pods a selector matches, of the given kinds or of all kinds."""
    return [
        obj.identity
        for obj, pod in chart.pods()
        if (not kinds or obj.kind in kinds) and selects(wanted, pod_labels(pod))
    ]


@rule("selectors/stable", "Render the selector with common.selector.", house=True)
def check_stable(chart: RenderedChart) -> Iterator[Violation]:
    """A workload selects its pods by labels that never change: its selector is immutable."""
    for obj in chart.of_kind(*SERVERS):
        if set(read_selector(obj)) != STABLE:
            wrong = (
                f"{obj.identity} selects by {', '.join(sorted(read_selector(obj))) or 'no label'}, "
                f"not by {', '.join(sorted(STABLE))}"
            )
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/own-pods", "Give the component a unique label, and select by it.")
def check_own_pods(chart: RenderedChart) -> Iterator[Violation]:
    """A workload selects its own pods and no others."""
    for obj in chart.of_kind(*SERVERS):
        found = find_selected(chart, read_selector(obj))
        if set(found) != {obj.identity}:
            wrong = f"{obj.identity} selects the pods of {', '.join(found) or 'no object'}"
            yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/service", "Select by the labels of one server.")
def check_service(chart: RenderedChart) -> Iterator[Violation]:
    """A Service selects the pods of one server, never the pods of a Job."""
    for obj in chart.of_kind("Service"):
        found = sorted(set(find_selected(chart, read_selector(obj))))
        # A headless Service may select all pods of one application.
        alike = obj.spec.get("clusterIP") == "None" and len(_list_apps(chart, found)) == 1
        if not alike:
            yield from _check_one_server(obj, found)


@rule("selectors/budget", "Select by the labels of one server.")
def check_budget(chart: RenderedChart) -> Iterator[Violation]:
    """A PodDisruptionBudget selects the pods of one server."""
    for obj in chart.of_kind("PodDisruptionBudget"):
        if _selects_all(obj):
            wrong = f"{obj.identity} has an empty selector, which selects all pods of the namespace"
            yield Violation(obj, ("spec", "selector"), wrong)
        yield from _check_one_server(obj, sorted(set(find_selected(chart, read_selector(obj)))))


def _selects_all(obj: RenderedObject) -> bool:
    """Return whether an object's label selector has no condition."""
    return not any((obj.spec.get("selector") or {}).values())


@rule("selectors/whole", "Render the selector with common.selector.", house=True)
def check_whole(chart: RenderedChart) -> Iterator[Violation]:
    """A Service or PodDisruptionBudget selects by all labels by which the workload selects.

    A workload that is added later then differs in one of the labels, and is not selected.
    """
    servers = {obj.identity: read_selector(obj) for obj in chart.of_kind(*SERVERS)}
    for obj in chart.of_kind("Service", "PodDisruptionBudget"):
        own = read_selector(obj)
        found = sorted(set(find_selected(chart, own)))
        missing = sorted(servers.get(found[0], {}).keys() - own.keys()) if len(found) == 1 else []
        if missing:
            wrong = f"{obj.identity} selects {found[0]} without the label {', '.join(missing)}"
            yield Violation(obj, ("spec", "selector"), wrong)


def _check_one_server(obj: RenderedObject, found: list[str]) -> Iterator[Violation]:
    """Check that the pods that an object selects belong to one of the objects `found`."""
    if read_selector(obj) and len(found) != 1:
        wrong = f"{obj.identity} selects the pods of {', '.join(found) or 'no object'}"
        yield Violation(obj, ("spec", "selector"), wrong)


@rule("selectors/spread", "Select by the labels of the workload itself.")
def check_spread(chart: RenderedChart) -> Iterator[Violation]:
    """A topology spread constraint selects the pod that it belongs to."""
    for obj, pod in chart.pods():
        for each in pod["spec"].get("topologySpreadConstraints") or []:
            wanted = (each.get("labelSelector") or {}).get("matchLabels") or {}
            if not selects(wanted, pod_labels(pod)):
                wrong = f"{obj.identity}: a topologySpreadConstraint does not select the pod"
                yield Violation(obj, ("spec", "topologySpreadConstraints"), wrong)


@rule(
    "selectors/monitor",
    "Select by the labels of the scraped pods or Service, and name one of their ports.",
)
def check_monitor(chart: RenderedChart) -> Iterator[Violation]:
    """A PodMonitor or ServiceMonitor selects a target, and names an open port of the target."""
    for obj in chart.of_kind("PodMonitor"):
        pods = [p for _, p in chart.pods() if selects(read_selector(obj), pod_labels(p))]
        ports = {
            port.get("name")
            for pod in pods
            for container in pod["spec"].get("containers") or []
            for port in container.get("ports") or []
        }
        yield from _check_endpoints(
            obj, obj.spec.get("podMetricsEndpoints") or [], ports, bool(pods)
        )
    for obj in chart.of_kind("ServiceMonitor"):
        there = [s for s in chart.of_kind("Service") if selects(read_selector(obj), s.labels)]
        ports = {port.get("name") for s in there for port in s.spec.get("ports") or []}
        yield from _check_endpoints(obj, obj.spec.get("endpoints") or [], ports, bool(there))


def _check_endpoints(
    obj: RenderedObject, endpoints: list[dict[str, Any]], ports: set[Any], found: bool
) -> Iterator[Violation]:
    elsewhere = obj.spec.get("namespaceSelector")
    if not found and not elsewhere:
        yield Violation(
            obj, ("spec", "selector"), f"{obj.identity} selects no pods or Service of the chart"
        )
    for each in endpoints if found else []:
        if "port" in each and each["port"] not in ports:
            wrong = f"{obj.identity}: no target has a port named {each['port']}"
            yield Violation(obj, ("spec", "port"), wrong)


def _list_apps(chart: RenderedChart, found: list[str]) -> set[Any]:
    """Return the values of the label `app` of the pod templates in the objects named `found`."""
    return {pod_labels(pod).get("app") for obj, pod in chart.pods() if obj.identity in found}


@rule(
    "selectors/namespace",
    "Select by kubernetes.io/metadata.name, or by a label that is a key in the values.",
)
def check_namespace(chart: RenderedChart) -> Iterator[Violation]:
    """A policy selects namespaces by kubernetes.io/metadata.name, or by a label in the values."""
    named = {str(key) for each in iterate_maps(chart.values) for key in each}
    for obj in chart.of_kind("NetworkPolicy"):
        for key in sorted(set(_list_namespace_labels(obj.spec)) - named - {NAMESPACE_NAME}):
            wrong = f"{obj.identity} selects namespaces by the label {key}, which they may lack"
            yield Violation(obj, ("namespaceSelector", "matchLabels", key), wrong)


def _list_namespace_labels(node: Any) -> Iterator[str]:
    """Yield the labels of every namespaceSelector below a field."""
    for each in iterate_maps(node):
        selector = each.get("namespaceSelector") or {}
        yield from selector.get("matchLabels") or {}
        for expression in selector.get("matchExpressions") or []:
            yield str(expression.get("key"))
