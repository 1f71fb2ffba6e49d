"""One render as rules see it: its objects, each with the template that drew it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from carbon.charts.render import Object, identity, pod_templates
from carbon.check.components import Component
from carbon.check.loading import loaded

_DOCUMENT = re.compile(r"^---\n", re.M)
_SOURCE = re.compile(r"\A(?:\s*\n)*# Source: (\S+)\n")
_HASH = re.compile(r"-[0-9a-f]{8}$")
SERVERS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True)
class Thing:
    """An object, and where it comes from."""

    body: Object
    source: str
    """Its template, as Helm names it: `254carbon/charts/mlflow/templates/…`."""
    text: str = ""
    """As Helm printed it."""

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.meta.get("name", ""))

    @property
    def meta(self) -> dict[str, Any]:
        """Its metadata."""
        return self.body.get("metadata") or {}

    @property
    def labels(self) -> dict[str, Any]:
        """Its labels."""
        return self.meta.get("labels") or {}

    @property
    def annotations(self) -> dict[str, Any]:
        """Its annotations."""
        return self.meta.get("annotations") or {}

    @property
    def spec(self) -> dict[str, Any]:
        """Its spec."""
        return self.body.get("spec") or {}

    @property
    def identity(self) -> str:
        """Kind/name."""
        return identity(self.body)

    @property
    def workload(self) -> str:
        """Its identity without the hash in a Job's name."""
        return _HASH.sub("", self.identity) if self.kind == "Job" else self.identity

    @property
    def pods(self) -> list[Object]:
        """The pods it makes, as far as they are shaped like pods."""
        try:
            return [pod for pod in pod_templates(self.body) if _is_pod(pod)]
        except (KeyError, TypeError, AttributeError):
            return []

    @property
    def digest(self) -> str:
        """A hash of what Helm printed."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Drawn:
    """The objects of one render, and what rules know beside them."""

    chart: str
    things: tuple[Thing, ...]
    text: str = ""
    """All that Helm printed."""
    release: str = "254carbon"
    namespace: str = "data-platform"
    values: Mapping[str, Any] = field(default_factory=dict)
    """All values, those of subcharts under their keys."""
    components: tuple[Component, ...] = ()
    """The table's rows of this chart; of every chart for the umbrella."""
    is_default: bool = False
    """Whether the chart's own values alone drew it."""
    is_umbrella: bool = False

    def of_kind(self, *kinds: str) -> list[Thing]:
        """The objects of some kinds."""
        return [thing for thing in self.things if thing.kind in kinds]

    def names(self, kind: str) -> set[str]:
        """The names of all objects of a kind."""
        return {thing.name for thing in self.of_kind(kind)}

    def pods(self) -> Iterator[tuple[Thing, Object]]:
        """Every pod that is made, with the object that makes it."""
        for thing in self.things:
            for pod in thing.pods:
                yield thing, pod

    def containers(self) -> Iterator[tuple[Thing, Object, Object, tuple[str, ...]]]:
        """Every container, with its object, its pod, and its path in the object."""
        for thing, pod in self.pods():
            for where in ("initContainers", "containers"):
                for each in pod["spec"].get(where) or []:
                    yield thing, pod, each, ("spec", where, f"name={each.get('name')}")


def _is_pod(pod: Any) -> bool:
    """Whether it has a spec with lists of containers; schemas say what else is wrong."""
    spec = pod.get("spec")
    return isinstance(spec, dict) and all(
        isinstance(each, dict)
        for key in ("containers", "initContainers")
        for each in spec.get(key) or ([None] if key == "containers" else [])
    )


def labels_of(pod: Object) -> dict[str, Any]:
    """A pod's labels."""
    return (pod.get("metadata") or {}).get("labels") or {}


def as_json(body: Object) -> str:
    """An object as text that is the same for the same content."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)


@lru_cache(maxsize=2048)
def _loaded(document: str) -> Any:
    """One document; most are drawn again and again, with other values and by another Helm."""
    return loaded(document)


def parsed(text: str) -> tuple[Thing, ...]:
    """The objects of what Helm printed; Lists are taken apart.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    found = []
    for document in _DOCUMENT.split(text):
        source = _SOURCE.match(document)
        printed = (document[source.end() :] if source else document).rstrip() + "\n"
        body = _loaded(printed)
        if not isinstance(body, dict):
            continue
        template = source[1] if source else ""
        if body.get("kind") == "List":
            found += [Thing(each, template, as_json(each)) for each in body.get("items") or []]
        else:
            found.append(Thing(body, template, printed))
    return tuple(found)
