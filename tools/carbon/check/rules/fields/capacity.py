"""Requests of pods and the nodes that must have room for them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from carbon.charts.quantities import parse_quantity
from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart


def sum_requests(pod: Object, what: str) -> Decimal:
    """Return what the scheduler reserves for a pod, in cores or bytes.

    That is the sum of its containers or its largest init container, whichever is larger.
    """

    def request(container: Object) -> Decimal:
        stated = (container.get("resources") or {}).get("requests") or {}
        return parse_quantity(stated.get(what, 0))

    inits = [request(c) for c in pod["spec"].get("initContainers") or []]
    return max([sum(map(request, pod["spec"]["containers"]), Decimal()), *inits])


@rule("quantities/node", "Request less, or correct capacity.nodes in the values.", house=True)
def check_node(chart: RenderedChart) -> Iterator[Violation]:
    """The requests of each pod fit on at least one of the nodes in the value capacity.nodes."""
    capacity = chart.values.get("capacity")
    nodes = (capacity.get("nodes") if isinstance(capacity, Mapping) else None) or {}
    for obj, pod in chart.pods() if nodes else ():
        try:
            requested = {what: sum_requests(pod, what) for what in ("cpu", "memory")}
            fits = any(_fits(requested, node) for node in nodes.values())
        except ValueError:
            continue  # quantities/valid reports it
        if not fits:
            cores, gib = requested["cpu"].normalize(), requested["memory"] / 2**30
            there = ", ".join(f"{name} ({_describe(node)})" for name, node in nodes.items())
            wrong = f"{obj.identity}: a pod requests {cores:f} cores and {gib:.1f} GiB"
            yield Violation(obj, ("resources",), f"{wrong}; the nodes are {there}")


def _fits(requested: Mapping[str, Decimal], node: Mapping[str, Any]) -> bool:
    return all(parse_quantity(node.get(name, 0)) >= much for name, much in requested.items())


def _describe(node: Mapping[str, Any]) -> str:
    return f"{node.get('cpu')} cores, {node.get('memory')}"
