"""A rendered chart: the objects that Helm printed, each with its template."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from carbon.charts.render import Document, Object, identity, pod_templates
from carbon.check.sources.components import Component
from carbon.check.trees import iterate_maps, iterate_texts

_HASH = re.compile(r"-[0-9a-f]{8}$")
OVERRIDES = {"nameOverride", "fullnameOverride"}
"""Values with the name of the chart's own objects."""
SERVERS = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose pods run without end."""


@dataclass(frozen=True)
class RenderedObject:
    """A Kubernetes object that a template renders."""

    body: Object
    source: str = ""
    """The template as Helm names it, such as `254carbon/charts/mlflow/templates/…`."""
    text: str = ""
    """The YAML document that Helm printed, without the comment that names the template."""

    @property
    def kind(self) -> str:
        """The kind."""
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        """The name."""
        return str(self.meta.get("name", ""))

    @property
    def meta(self) -> dict[str, Any]:
        """The metadata."""
        return self.body.get("metadata") or {}

    @property
    def labels(self) -> dict[str, Any]:
        """The labels."""
        return self.meta.get("labels") or {}

    @property
    def annotations(self) -> dict[str, Any]:
        """The annotations."""
        return self.meta.get("annotations") or {}

    @property
    def spec(self) -> dict[str, Any]:
        """The spec."""
        return self.body.get("spec") or {}

    @property
    def identity(self) -> str:
        """Kind/name."""
        return identity(self.body)

    @property
    def workload(self) -> str:
        """Kind/name, without the hash at the end of a Job's name."""
        return _HASH.sub("", self.identity) if self.kind == "Job" else self.identity

    @cached_property
    def pods(self) -> list[Object]:
        """The pod templates of the object; none if they have another shape than a pod."""
        try:
            return [pod for pod in pod_templates(self.body) if _is_pod(pod)]
        except (KeyError, TypeError, AttributeError):
            return []

    @cached_property
    def digest(self) -> str:
        """A hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:24]


class Container(NamedTuple):
    """A container of an object."""

    object: RenderedObject
    pod: Object
    """The pod template."""
    body: Object
    path: tuple[str, ...]
    """The path of the container in the object."""

    @property
    def name(self) -> str:
        """The object and the container, as messages name them."""
        return f"{self.object.identity}: {self.body.get('name')}"


@dataclass(frozen=True, eq=False)
class RenderedChart:
    """The objects of one render, and the values and table rows that rules compare them with.

    A chart equals only itself, so that rules can cache what they compute of a chart.
    """

    name: str
    objects: tuple[RenderedObject, ...]
    text: str = ""
    """Everything that Helm printed."""
    notes: str = ""
    """What NOTES.txt renders; empty until Helm 3 has rendered the chart."""
    release: str = "254carbon"
    namespace: str = "data-platform"
    values: Mapping[str, Any] = field(default_factory=dict)
    """All values, with the values of a subchart under the subchart's key."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """The values of the case's values files alone, without the defaults of the chart."""
    components: tuple[Component, ...] = ()
    """The chart's rows of the components table; all rows for the umbrella."""
    is_default: bool = False
    """True if the chart is rendered with its default values."""
    is_umbrella: bool = False

    @property
    def own(self) -> list[RenderedObject]:
        """The objects without those of subcharts, which are examined as charts of their own."""
        return [obj for obj in self.objects if "/charts/" not in obj.source]

    def is_given(self, text: object) -> bool:
        """Return whether the case's values files contain a text, such as the name of an object.

        The chart's own name (`nameOverride` and `fullnameOverride`) names no other object.
        """
        return str(text) in self._texts

    @cached_property
    def _texts(self) -> frozenset[str]:
        maps = list(iterate_maps(self.given))
        keys = {str(key) for each in maps for key in each}
        own = {each.get(key) for each in maps for key in OVERRIDES}
        return frozenset(keys | set(iterate_texts(self.given)) - own)

    def of_kind(self, *kinds: str) -> list[RenderedObject]:
        """Return the objects of the given kinds."""
        return [obj for obj in self.objects if obj.kind in kinds]

    def names(self, kind: str) -> set[str]:
        """Return the names of all objects of a kind."""
        return {obj.name for obj in self.of_kind(kind)}

    def pods(self) -> list[tuple[RenderedObject, Object]]:
        """Return every pod template with its object."""
        return self._pods

    @cached_property
    def _pods(self) -> list[tuple[RenderedObject, Object]]:
        return [(obj, pod) for obj in self.objects for pod in obj.pods]

    def containers(self) -> Iterator[Container]:
        """Yield every container."""
        for obj, pod in self.pods():
            for where in ("initContainers", "containers"):
                for each in pod["spec"].get(where) or []:
                    yield Container(obj, pod, each, ("spec", where, f"name={each.get('name')}"))


def _is_pod(pod: Any) -> bool:
    """Return whether a pod template has a spec with lists of containers."""
    spec = pod.get("spec")
    return isinstance(spec, dict) and all(
        isinstance(each, dict)
        for key in ("containers", "initContainers")
        for each in spec.get(key) or ([None] if key == "containers" else [])
    )


def pod_labels(pod: Object) -> dict[str, Any]:
    """Return the labels of a pod template."""
    return (pod.get("metadata") or {}).get("labels") or {}


def to_json(body: Object) -> str:
    """Return an object as JSON. Objects with equal content give equal texts."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)


def list_objects(documents: Iterable[Document]) -> tuple[RenderedObject, ...]:
    """Return the objects of the documents that Helm printed; a List becomes its items.

    Raises:
        ValueError: a document is not YAML.
    """
    found = []
    for document in documents:
        if document.problem:
            raise ValueError(document.problem)
        body = document.body
        if not isinstance(body, dict):
            continue
        items = body.get("items") or []
        # kubeconform reports a List with something else than objects.
        if body.get("kind") == "List" and all(isinstance(each, dict) for each in items):
            found += [RenderedObject(each, document.source, to_json(each)) for each in items]
        else:
            found.append(RenderedObject(body, document.source, document.text))
    return tuple(found)
