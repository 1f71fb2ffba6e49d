"""Selectors: each finds what it is for, and nothing of another's."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.check.drawn import SERVERS, Drawn, Thing, labels_of
from carbon.check.findings import Fault, rule
from carbon.check.rules.labels import STABLE


def selector(thing: Thing) -> dict[str, Any]:
    """The labels by which an object selects pods; empty if it selects none."""
    found = thing.spec.get("selector") or {}
    return found.get("matchLabels") or {} if "matchLabels" in found else dict(found)


def selects(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a selector finds what has these labels; an empty one finds nothing here."""
    return bool(wanted) and wanted.items() <= labels.items()


def caught(drawn: Drawn, wanted: Mapping[str, Any], *kinds: str) -> list[str]:
    """The objects (of some kinds, or any) whose pods a selector finds."""
    return [
        thing.identity
        for thing, pod in drawn.pods()
        if (not kinds or thing.kind in kinds) and selects(wanted, labels_of(pod))
    ]


@rule("selectors/stable", "Take it from common.selector.", house=True)
def stable(drawn: Drawn) -> Iterator[Fault]:
    """A workload selects its pods by labels that never change; the selector can't either."""
    for thing in drawn.of_kind(*SERVERS):
        if set(selector(thing)) != STABLE:
            wrong = f"{thing.identity} selects by {', '.join(sorted(selector(thing))) or 'nothing'}"
            yield Fault(thing, ("spec", "selector"), wrong)


@rule("selectors/own-pods", "Give the component a label of its own, and select by it.")
def own_pods(drawn: Drawn) -> Iterator[Fault]:
    """A workload selects its own pods and no others."""
    for thing in drawn.of_kind(*SERVERS):
        found = caught(drawn, selector(thing))
        if set(found) != {thing.identity}:
            wrong = f"{thing.identity} selects the pods of {', '.join(found) or 'nothing'}"
            yield Fault(thing, ("spec", "selector"), wrong)


@rule("selectors/service", "Select by the labels of the one server that it leads to.")
def service(drawn: Drawn) -> Iterator[Fault]:
    """A Service leads to the pods of one server, never to those of a Job."""
    for thing in drawn.of_kind("Service"):
        found = sorted(set(caught(drawn, selector(thing))))
        # The nodes of one application may know each other by a Service without an address.
        alike = thing.spec.get("clusterIP") == "None" and len(_apps(drawn, found)) == 1
        if selector(thing) and len(found) != 1 and not alike:
            wrong = f"{thing.identity} leads to {', '.join(found) or 'no pod'}"
            yield Fault(thing, ("spec", "selector"), wrong)


@rule("selectors/budget", "Select by the labels of the one server that it protects.")
def budget(drawn: Drawn) -> Iterator[Fault]:
    """A PodDisruptionBudget protects the pods of one server."""
    for thing in drawn.of_kind("PodDisruptionBudget"):
        found = sorted(set(caught(drawn, selector(thing))))
        if selector(thing) and len(found) != 1:
            wrong = f"{thing.identity} protects {', '.join(found) or 'no pod'}"
            yield Fault(thing, ("spec", "selector"), wrong)


@rule("selectors/spread", "Select by the workload's own labels.")
def spread(drawn: Drawn) -> Iterator[Fault]:
    """Pods are spread apart from their own kind: the constraint selects the pod that has it."""
    for thing, pod in drawn.pods():
        for each in pod["spec"].get("topologySpreadConstraints") or []:
            wanted = (each.get("labelSelector") or {}).get("matchLabels") or {}
            if not selects(wanted, labels_of(pod)):
                wrong = f"{thing.identity}: its topologySpreadConstraint selects other pods"
                yield Fault(thing, ("spec", "topologySpreadConstraints"), wrong)


@rule("selectors/monitor", "Select by the labels of what is scraped, and name one of its ports.")
def monitor(drawn: Drawn) -> Iterator[Fault]:
    """A monitor finds something to scrape, on a port that is open."""
    for thing in drawn.of_kind("PodMonitor"):
        pods = [p for _, p in drawn.pods() if selects(selector(thing), labels_of(p))]
        ports = {
            port.get("name")
            for pod in pods
            for container in pod["spec"].get("containers") or []
            for port in container.get("ports") or []
        }
        yield from _scrapes(thing, thing.spec.get("podMetricsEndpoints") or [], ports, bool(pods))
    for thing in drawn.of_kind("ServiceMonitor"):
        there = [s for s in drawn.of_kind("Service") if selects(selector(thing), s.labels)]
        ports = {port.get("name") for s in there for port in s.spec.get("ports") or []}
        yield from _scrapes(thing, thing.spec.get("endpoints") or [], ports, bool(there))


def _scrapes(
    thing: Thing, endpoints: list[dict[str, Any]], ports: set[Any], found: bool
) -> Iterator[Fault]:
    elsewhere = thing.spec.get("namespaceSelector")
    if not found and not elsewhere:
        yield Fault(thing, ("spec", "selector"), f"{thing.identity} selects nothing")
    for each in endpoints if found else []:
        if "port" in each and each["port"] not in ports:
            wrong = f"{thing.identity}: no port is called {each['port']}"
            yield Fault(thing, ("spec", "port"), wrong)


def _apps(drawn: Drawn, found: list[str]) -> set[Any]:
    """The labels `app` of the pods of some objects."""
    return {labels_of(pod).get("app") for thing, pod in drawn.pods() if thing.identity in found}
