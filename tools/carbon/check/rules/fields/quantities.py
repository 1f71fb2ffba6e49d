"""Quantities: the API server accepts them, they can be meant, and a node can provide them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.fields.amounts import LIMITED, Amount, list_amounts, parse_quantity

MIB = Decimal(2**20)
LEAST_LIMIT = 4 * MIB
"""Bytes of memory without which no container starts."""
SMALLEST = {
    **dict.fromkeys(("memory", "storage", "ephemeral-storage"), MIB),
    "sizeLimit": Decimal(2**12),
}
"""Bytes below which a quantity can't be meant, by resource."""
MOST_CORES = 1000
MOST_BYTES = 2**45
"""Bytes of memory that no node has."""
OVERCOMMITTED = {"cpu", "memory", "ephemeral-storage"}
"""Resources whose limit may be above the request, and which need no limit."""


@rule("quantities/valid", "Write a number with a suffix of Kubernetes, such as 500m, 2 or 512Mi.")
def check_valid(chart: RenderedChart) -> Iterator[Violation]:
    """The API server can parse every quantity, and no quantity is negative."""
    for amount in list_amounts(chart):
        value = amount.value
        if value is None or value < 0:
            wrong = f"{amount.place}: {amount.quantity!r} is not a quantity"
            yield Violation(amount.object, amount.path, wrong)
        elif amount.container and "/" in amount.resource and value % 1:
            wrong = f"{amount.place}: {amount.quantity} is not a whole number of devices"
            yield Violation(amount.object, amount.path, wrong)
        elif amount.container and amount.resource == "cpu" and value * 1000 % 1:
            wrong = f"{amount.place}: {amount.quantity} is finer than 1m"
            yield Violation(amount.object, amount.path, wrong)


@rule("quantities/unit", "Write cores such as 500m or 2, and bytes such as 512Mi or 2Gi.")
def check_unit(chart: RenderedChart) -> Iterator[Violation]:
    """No quantity is by its size an error in the unit, such as memory: 512m."""
    for amount in list_amounts(chart):
        if amount.value is not None and (wrong := _find_wrong_unit(amount, amount.value)):
            yield Violation(amount.object, amount.path, f"{amount.place}: {wrong}")


def _find_wrong_unit(amount: Amount, value: Decimal) -> str:
    """Return what is wrong with the size of an amount; empty if it can be meant."""
    quantity, side = str(amount.quantity), amount.path[-2] if amount.container else ""
    if amount.is_bytes and quantity.endswith("m"):
        return f"{quantity} is {value:f} bytes; write {quantity[:-1]}Mi"
    if amount.resource == "cpu" and amount.container and value >= MOST_CORES:
        return f"{quantity} is {value:f} cores; write {value:f}m for {value / 1000:.3g} cores"
    if amount.resource == "memory" and amount.container and value > MOST_BYTES:
        return f"{quantity} is {value / 2**40:.0f} TiB, which no node has"
    least = SMALLEST.get(amount.resource, Decimal(0))
    least = LEAST_LIMIT if (amount.resource, side) == ("memory", "limits") else least
    if value < least and (value or side == "limits"):
        return f"{quantity} is {value:f} bytes, and the least that can be meant is {least:f}"
    return ""


@rule("quantities/limit", "Lower the request, or raise the limit.")
def check_limit(chart: RenderedChart) -> Iterator[Violation]:
    """No container requests more than its limit; a device has a limit that equals the request."""
    for obj, _, each, path in chart.containers():
        resources = each.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        for name, quantity in requests.items():
            limit = limits.get(name)
            wrong = _compare_limit(name, quantity, limit)
            if wrong:
                yield Violation(
                    obj,
                    (*path, "resources", "requests", name),
                    f"{obj.identity}: {each.get('name')} requests {name}: {quantity}, {wrong}",
                )


def _compare_limit(resource: str, request: object, limit: object) -> str:
    """Return how a request contradicts its limit; empty if it does not."""
    try:
        requested = parse_quantity(request)
        most = None if limit is None else parse_quantity(limit)
    except ValueError:
        return ""  # quantities/valid reports it
    if most is None:
        return "" if resource in OVERCOMMITTED else "and has no limit, which Kubernetes requires"
    if requested > most:
        return f"and its limit is {limit}"
    if resource not in OVERCOMMITTED and requested != most:
        return f"and its limit is {limit}, which must be equal"
    return ""


@rule("quantities/range", "Order the values as min, defaultRequest, default, max.")
def check_range(chart: RenderedChart) -> Iterator[Violation]:
    """In a LimitRange, the default lies between the minimum and the maximum."""
    order = ("min", "defaultRequest", "default", "max")
    for obj in chart.of_kind("LimitRange"):
        for entry in obj.spec.get("limits") or []:
            for name in sorted({n for key in LIMITED for n in entry.get(key) or {}}):
                stated = [(key, entry[key][name]) for key in order if name in entry.get(key, {})]
                for (low, less), (high, more) in pairwise(stated):
                    if _exceeds(less, more):
                        wrong = f"{obj.identity}: {low}.{name} {less} is above {high} {more}"
                        yield Violation(obj, ("spec", "limits", low, name), wrong)


def _exceeds(one: object, other: object) -> bool:
    try:
        return parse_quantity(one) > parse_quantity(other)
    except ValueError:
        return False  # quantities/valid reports it


def sum_requests(pod: Object, what: str) -> Decimal:
    """Return what the scheduler reserves for a pod, in cores or bytes.

    That is the sum of its containers, or its largest init container.
    """

    def request(container: Object) -> Decimal:
        stated = (container.get("resources") or {}).get("requests") or {}
        return parse_quantity(stated.get(what, 0))

    inits = [request(c) for c in pod["spec"].get("initContainers") or []]
    return max([sum(map(request, pod["spec"]["containers"]), Decimal()), *inits])


@rule("quantities/node", "Request less, or correct capacity.nodes in the values.", house=True)
def check_node(chart: RenderedChart) -> Iterator[Violation]:
    """Every pod fits on one of the nodes that the values list in capacity.nodes."""
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
