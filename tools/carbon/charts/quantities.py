"""Kubernetes quantities, such as 500m or 2Gi."""

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_FACTORS = {
    "": Decimal(1),
    **{unit: Decimal(1000) ** (power - 3) for power, unit in enumerate(("n", "u", "m"))},
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def parse_quantity(quantity: object) -> Decimal:
    """Return a Kubernetes quantity as a number: cores, bytes, or a count such as of GPUs.

    Raises:
        ValueError: the API server can't parse the quantity.
    """
    parts = _QUANTITY.fullmatch(str(quantity))
    if parts is None:
        raise ValueError(f"{quantity!r} is not a Kubernetes quantity")
    number, unit = Decimal(parts[1]), parts[2] or ""
    return number.scaleb(int(unit[1:])) if unit not in _FACTORS else number * _FACTORS[unit]


def read_quantity(value: object) -> Decimal | None:
    """Return a value as a number, as `parse_quantity` does; None if the value is no quantity."""
    try:
        return parse_quantity(value)
    except ValueError:
        return None
