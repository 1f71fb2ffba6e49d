"""The comparison of one case: what the rules read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from carbon.charts.render import Object, identity
from carbon.check.findings import KeyPath
from carbon.upgrade.objects.pairing import Pair, pair_objects

_TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""The path of the pod template in each kind."""
RUNNING = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose pods run without end."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The objects of one case in both versions, in pairs."""

    chart: str
    old: tuple[Object, ...]
    new: tuple[Object, ...]
    minor: str = "1.37"
    """The Kubernetes minor for which the immutable fields count."""
    given: frozenset[str] = field(default_factory=frozenset)
    """The texts in the values file of the case, such as names of Secrets."""

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs."""
        return pair_objects(self.old, self.new)

    def of_kind(self, *kinds: str) -> Iterator[Pair]:
        """Yield the pairs of some kinds."""
        return (pair for pair in self.pairs if pair.kind in kinds)

    @cached_property
    def kept(self) -> tuple[Pair, ...]:
        """The pairs whose object both versions have under the same identity."""
        return tuple(pair for pair in self.pairs if pair.is_kept)

    @cached_property
    def rendered(self) -> frozenset[str]:
        """Kind/name of all objects of the new version."""
        return frozenset(map(identity, self.new))


def get_template_path(kind: str) -> KeyPath | None:
    """Return the path of the pod template in objects of a kind; None if there is none."""
    return _TEMPLATES.get(kind)


def get_pod(body: Object) -> dict[str, Any]:
    """Return the pod template of an object; empty if there is none."""
    path = _TEMPLATES.get(str(body.get("kind")))
    node: Any = body if path is not None else {}
    for key in path or ():
        node = node.get(key) if isinstance(node, dict) else {}
    return node if isinstance(node, dict) else {}


def get_pod_spec(body: Object) -> dict[str, Any]:
    """Return the spec of an object's pods; empty if there is none."""
    spec = get_pod(body).get("spec")
    return spec if isinstance(spec, dict) else {}


def list_containers(body: Object) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield each container of an object with its path."""
    base = _TEMPLATES.get(str(body.get("kind")))
    for where in ("initContainers", "containers"):
        for each in get_pod_spec(body).get(where) or []:
            yield (*(base or ()), "spec", where, f"name={each.get('name')}"), each
