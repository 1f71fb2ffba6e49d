"""Quantities: the API server accepts them, and their size is plausible."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from carbon.charts.quantities import parse_quantity
from carbon.check.findings import KeyPath
from carbon.check.rules.fields.amounts import Amount, find_amounts
from carbon.check.rules.fields.mistakes import Mistake, add_rule

VALID, UNIT, LIMIT = "quantities/valid", "quantities/unit", "quantities/limit"
MIB = Decimal(2**20)
LEAST_LIMIT = 4 * MIB
"""Memory limit in bytes below which no container starts."""
SMALLEST = {
    **dict.fromkeys(("memory", "storage", "ephemeral-storage"), MIB),
    "sizeLimit": Decimal(2**12),
}
"""The smallest plausible number of bytes of each resource."""
MOST_CORES = 1000
MOST_BYTES = 2**45
"""Bytes of memory that no node has."""
OVERCOMMITTED = {"cpu", "memory", "ephemeral-storage", "storage"}
"""Resources whose limit may be above the request, and which need no limit."""


def find_mistakes(node: Any, kind: str) -> Iterator[Mistake]:
    """Yield the mistakes in the quantities of an object, or of values."""
    sound: dict[KeyPath, Amount] = {}
    wrong: set[KeyPath] = set()
    for amount in find_amounts(node, kind):
        if amount.quantity is None:  # in values, null removes a key
            continue
        if what := _find_invalid(amount):
            yield Mistake(VALID, amount.path, str(amount.quantity), what)
        elif what := _find_wrong_unit(amount, parse_quantity(amount.quantity)):
            yield Mistake(UNIT, amount.path, str(amount.quantity), what)
        else:
            sound[amount.path] = amount
            continue
        wrong.add(amount.path)
    for path, request in sound.items():
        opposite = (*path[:-2], "limits", path[-1])
        if request.consumes and path[-2] == "requests" and opposite not in wrong:
            limit = sound[opposite].quantity if opposite in sound else None
            if what := _find_wrong_limit(request, limit):
                yield Mistake(LIMIT, path, f"{request.quantity} {limit}", what)


def _find_invalid(amount: Amount) -> str:
    """Return why the API server refuses a quantity; empty if it does not."""
    try:
        value = parse_quantity(amount.quantity)
    except ValueError:
        return f"{amount.quantity!r} is not a quantity"
    if value < 0:
        return f"{amount.quantity} is negative"
    if amount.consumes and "/" in amount.resource and value % 1:
        return f"{amount.quantity} is not a whole number of devices"
    if amount.consumes and amount.resource == "cpu" and value * 1000 % 1:
        return f"{amount.quantity} is finer than 1m"
    return ""


def _find_wrong_unit(amount: Amount, value: Decimal) -> str:
    """Return why the size of a quantity is implausible; empty if it is plausible."""
    quantity, side = str(amount.quantity), amount.path[-2] if amount.consumes else ""
    if amount.is_bytes and quantity.endswith("m"):
        return f"{quantity} is {value:f} bytes; write {quantity[:-1]}Mi"
    if amount.resource == "cpu" and side and value >= MOST_CORES:
        return f"{quantity} is {value:f} cores; write {value:f}m for {value / 1000:.3g} cores"
    if amount.resource == "memory" and side and value > MOST_BYTES:
        return f"{quantity} is {value / 2**40:.0f} TiB, which no node has"
    least = SMALLEST.get(amount.resource, Decimal(0))
    least = LEAST_LIMIT if (amount.resource, side) == ("memory", "limits") else least
    if value < least and (value or side == "limits"):
        return f"{quantity} is {value:f} bytes; less than {least / MIB}Mi is not plausible"
    return ""


def _find_wrong_limit(request: Amount, limit: Any) -> str:
    """Return how a request contradicts its limit; empty if it does not."""
    shared = request.resource in OVERCOMMITTED
    if limit is None:
        wrong = f"{request.quantity} has no limit, which Kubernetes requires"
        return "" if shared else wrong
    requested, most = parse_quantity(request.quantity), parse_quantity(limit)
    if requested > most:
        return f"{request.quantity} is above the limit {limit}"
    return (
        "" if shared or requested == most else f"{request.quantity} differs from the limit {limit}"
    )


add_rule(
    VALID,
    "The API server can parse every quantity, and no quantity is negative.",
    "Write a number with a suffix of Kubernetes, such as 500m, 2 or 512Mi.",
    find_mistakes,
)
add_rule(
    UNIT,
    "No quantity has a size that shows a wrong unit: `memory: 512m` is half a byte.",
    "Write cores such as 500m or 2, and bytes such as 512Mi or 2Gi.",
    find_mistakes,
)
add_rule(
    LIMIT,
    "No container requests more than its limit; a device has a limit that equals the request.",
    "Lower the request, or raise the limit; for a device, set a limit that equals the request.",
    find_mistakes,
)
