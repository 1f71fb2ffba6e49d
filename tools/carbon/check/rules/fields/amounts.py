"""The fields of an object that are Kubernetes quantities, such as 500m or 2Gi."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.check.findings import KeyPath
from carbon.check.trees import iterate_entries

LIMITED = ("default", "defaultRequest", "max", "min")
"""The maps of quantities in an entry of a LimitRange."""
QUOTAS = ("nominalQuota", "borrowingLimit", "lendingLimit")
"""The quantities of a resource in a ClusterQueue of Kueue."""


@dataclass(frozen=True)
class Amount:
    """A quantity in an object or in values."""

    path: KeyPath
    resource: str
    """The resource without the prefix of a quota: cpu, memory, storage, nvidia.com/gpu, ..."""
    quantity: Any
    consumes: bool = False
    """True if a container or a volume requests or limits the resource."""

    @property
    def name(self) -> str:
        """The container or volume, if it has a name, and the field, such as main: limits.memory."""
        named = [key.removeprefix("name=") for key in self.path if key.startswith("name=")]
        return ": ".join([*named[-1:], ".".join(self.path[-2:])])

    @property
    def is_bytes(self) -> bool:
        """True if the resource is counted in bytes."""
        return re.search(r"memory|storage|hugepages-|sizeLimit", self.resource) is not None


def find_amounts(node: Any, kind: str = "", path: KeyPath = ()) -> Iterator[Amount]:
    """Yield every quantity in an object of some kind, or in values.

    These are the quantities of containers, volumes, quotas and LimitRanges.
    """
    for each, below in iterate_entries(node, path):
        yield from find_amounts(each, kind, below)
    for key, child in node.items() if isinstance(node, dict) else ():
        where = (*path, str(key))
        if _is_map(kind, where):
            yield from _read_map(child, where)
        elif key == "sizeLimit" and path[-1:] == ("emptyDir",):
            yield Amount(where, key, child)
        elif key in QUOTAS and kind == "ClusterQueue":
            yield Amount(where, str(node.get("name")), child)
        else:
            yield from find_amounts(child, kind, where)


def _is_map(kind: str, path: KeyPath) -> bool:
    """Return whether a field is a map from resources to quantities."""
    if path[-1] in {"requests", "limits"} and path[-2:-1] == ("resources",):
        return True
    if kind == "ResourceQuota":
        return path == ("spec", "hard")
    return kind == "LimitRange" and path[:2] == ("spec", "limits") and path[-1] in LIMITED


def _read_map(node: Any, path: KeyPath) -> Iterator[Amount]:
    for name, quantity in node.items() if isinstance(node, dict) else ():
        resource = re.sub(r"^(requests|limits)\.|.*\.storageclass\.storage\.k8s\.io/", "", name)
        yield Amount((*path, name), resource, quantity, path[-1] in {"requests", "limits"})
