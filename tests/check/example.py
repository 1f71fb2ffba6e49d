"""An example of a violation: small objects that one rule reports, and the corrected objects.

An example is a diff of YAML. Lines with `-` are the violation, lines with `+` the correction, all
other lines belong to both. An empty line separates two objects:

    Example(
        "pods/image",
        '''
          kind: Pod
          spec:
            containers:
        -     - image: web
        +     - image: docker.io/library/web:1.2.3
        ''',
    )

The fields are merged over the object of the same kind in `default_objects.yaml`, which meets every
rule: maps by key, lists of maps by position; null deletes a key. The objects that an object refers
to are added if the example has none of their kind: a ServiceAccount to a Pod, a Deployment to a
Service.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from carbon.check.findings import RULES
from carbon.check.render.objects import RenderedChart, RenderedObject

DEFAULTS = Path(__file__).parent / "default_objects.yaml"
SERVERS = {"Deployment", "StatefulSet"}
REFERENCES = {
    **dict.fromkeys(("Pod", "Deployment", "Job", "CronJob"), ("ServiceAccount",)),
    "StatefulSet": ("ServiceAccount", "Service"),
    **dict.fromkeys(("Service", "PodDisruptionBudget", "PodMonitor"), ("Deployment",)),
    "HorizontalPodAutoscaler": ("Deployment",),
    **dict.fromkeys(("Ingress", "HTTPRoute", "ServiceMonitor"), ("Service",)),
    "RoleBinding": ("Role", "ServiceAccount"),
}
"""The kinds that an object of a kind refers to."""


@dataclass(frozen=True)
class Example:
    """Objects that one rule reports, and the same objects corrected."""

    rule: str
    diff: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Fields of RenderedChart other than its objects, such as `values`."""

    def __str__(self) -> str:
        """Return the rule and the first line that differs."""
        lines = textwrap.dedent(self.diff).splitlines()
        changed = next(line for line in lines if line.startswith(("-", "+")) and line[1:].strip())
        return f"{self.rule}: {changed[0]} {changed[1:].strip()[:50]}"

    def violation(self) -> RenderedChart:
        """Return a chart with the objects that the rule reports."""
        return self._build("+")

    def correction(self) -> RenderedChart:
        """Return a chart with the corrected objects."""
        return self._build("-")

    def _build(self, left_out: str) -> RenderedChart:
        lines = textwrap.dedent(self.diff).splitlines()
        chosen = [line[1:].rstrip() for line in lines if not line.startswith(left_out)]
        return build_chart("\n".join(chosen), self.facts)


def build_chart(text: str, facts: Mapping[str, Any]) -> RenderedChart:
    """Return a chart with the objects of a YAML text and the objects that they refer to.

    Raises:
        KeyError: `default_objects.yaml` has no object of a kind.
    """
    bodies = [yaml.safe_load(each) for each in text.split("\n\n") if each.strip()]
    bodies = [merge(read_defaults()[body["kind"]], body) for body in bodies]
    for body in bodies:  # the loop also visits the objects that it adds
        for kind in REFERENCES.get(body["kind"], ()):
            if not {each["kind"] for each in bodies} & (SERVERS if kind in SERVERS else {kind}):
                bodies.append(read_defaults()[kind])
    objects = tuple(RenderedObject(body) for body in bodies)
    return RenderedChart(**{"name": "web", "objects": objects, **facts})


@cache
def read_defaults() -> dict[str, dict[str, Any]]:
    """Return the default objects by kind."""
    bodies = yaml.safe_load(DEFAULTS.read_text("utf-8"))
    del bodies["shared"]
    return {kind: {"kind": kind, **body} for kind, body in bodies.items()}


def merge(below: Any, above: Any) -> Any:
    """Return YAML merged over other YAML: maps by key, lists of maps by position; null deletes."""
    if isinstance(below, dict) and isinstance(above, dict):
        merged = {key: merge(below.get(key), value) for key, value in above.items()}
        return {key: value for key, value in (below | merged).items() if value is not None}
    if isinstance(below, list) and isinstance(above, list) and above and isinstance(above[0], dict):
        rest = len(above) - len(below)
        return [merge(*pair) for pair in zip(below + [None] * rest, above, strict=False)] + (
            below[len(above) :]
        )
    return above


def find_violations(chart: RenderedChart) -> dict[str, list[str]]:
    """Return what each rule over rendered objects reports, by rule; only rules that report."""
    examined = {name: rule.examine for name, rule in RULES.items() if rule.examine is not None}
    found = {name: [each.what for each in examine(chart)] for name, examine in examined.items()}
    return {name: reports for name, reports in found.items() if reports}
