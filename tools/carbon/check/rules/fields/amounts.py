"""Kubernetes quantities, such as 500m or 2Gi, and where the fields of an object have them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from carbon.check.findings import KeyPath
from carbon.check.render.objects import RenderedChart, RenderedObject

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_FACTORS = {
    "": Decimal(1),
    **{unit: Decimal(1000) ** (power - 3) for power, unit in enumerate(("n", "u", "m"))},
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}
LIMITED = ("default", "defaultRequest", "max", "min")
"""The maps of amounts in an entry of a LimitRange."""
QUOTAS = ("nominalQuota", "borrowingLimit", "lendingLimit")
"""The amounts of a resource in a ClusterQueue of Kueue."""


def parse_quantity(quantity: object) -> Decimal:
    """Return a Kubernetes quantity in cores, bytes or a number.

    Raises:
        ValueError: the API server can't parse the quantity.
    """
    parts = _QUANTITY.fullmatch(str(quantity))
    if parts is None:
        raise ValueError(f"{quantity!r} is not a Kubernetes quantity")
    number, unit = Decimal(parts[1]), parts[2] or ""
    return number.scaleb(int(unit[1:])) if unit not in _FACTORS else number * _FACTORS[unit]


@dataclass(frozen=True)
class Amount:
    """A quantity in an object."""

    object: RenderedObject
    path: KeyPath
    resource: str
    """The resource without the prefix of a quota: cpu, memory, storage, nvidia.com/gpu, ..."""
    quantity: Any
    container: str = ""
    """Name of the container that requests or limits the resource."""

    @property
    def field(self) -> str:
        """The last two keys of the field, such as limits.memory."""
        return ".".join(self.path[-2:])

    @property
    def place(self) -> str:
        """The object, the container and the field, as messages name them."""
        return ": ".join(filter(None, (self.object.identity, self.container, self.field)))

    @property
    def is_bytes(self) -> bool:
        """Whether the resource is counted in bytes."""
        return re.search(r"memory|storage|hugepages-|sizeLimit", self.resource) is not None

    @property
    def value(self) -> Decimal | None:
        """The amount in cores, bytes or a number; None if the API server can't parse it."""
        try:
            return parse_quantity(self.quantity)
        except ValueError:
            return None


def list_amounts(chart: RenderedChart) -> Iterator[Amount]:
    """Yield every quantity in the objects: of containers, volumes, quotas and LimitRanges."""
    for obj in chart.objects:
        yield from _find_in(obj, obj.body, (), "")


def _find_in(obj: RenderedObject, node: Any, path: KeyPath, container: str) -> Iterator[Amount]:
    if isinstance(node, list):
        for each in node:
            name = each.get("name") if isinstance(each, dict) else None
            yield from _find_in(obj, each, (*path, f"name={name}") if name else path, container)
    if not isinstance(node, dict):
        return
    if "image" in node and isinstance(node.get("name"), str):
        container = node["name"]
    for key, child in node.items():
        where = (*path, str(key))
        if _holds_amounts(obj, where):
            yield from _read_map(obj, child, where, container)
        elif key == "sizeLimit" or (key in QUOTAS and obj.kind == "ClusterQueue"):
            resource = "sizeLimit" if key == "sizeLimit" else str(node.get("name"))
            yield Amount(obj, where, resource, child, container)
        else:
            yield from _find_in(obj, child, where, container)


def _holds_amounts(obj: RenderedObject, path: KeyPath) -> bool:
    """Return whether a field is a map from resources to quantities."""
    if path[-1] in {"requests", "limits"} and path[-2:-1] == ("resources",):
        return True
    if obj.kind == "ResourceQuota":
        return path == ("spec", "hard")
    return obj.kind == "LimitRange" and path[:2] == ("spec", "limits") and path[-1] in LIMITED


def _read_map(obj: RenderedObject, node: Any, path: KeyPath, container: str) -> Iterator[Amount]:
    for name, quantity in node.items() if isinstance(node, dict) else ():
        resource = re.sub(r"^(requests|limits)\.|.*\.storageclass\.storage\.k8s\.io/", "", name)
        yield Amount(obj, (*path, name), resource, quantity, container)
