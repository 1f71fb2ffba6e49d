"""An example of a violation: small objects that one rule reports, and the corrected objects.

The files in `examples` hold the examples, each below the rule's name as a diff of YAML. Lines with
`-` are the violation, lines with `+` the correction, all other lines belong to both. An empty line
separates two objects:

    ## pods/image

    ```diff
     kind: Pod
     spec:
       containers:
    -    - image: web
    +    - image: docker.io/library/web:1.2.3
    ```

The fields are merged over the object of the same kind in `default_objects.yaml`, which meets every
rule: maps by key, lists of maps by position; null deletes a key. The objects that an object refers
to are added if the example has none of their kind: a ServiceAccount to a Pod, a Deployment to a
Service. A block of `yaml` above the diff sets other fields of RenderedChart, such as `values`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from carbon.check.findings import RULES
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.sources.components import Component

EXAMPLES = Path(__file__).parent / "examples"
DEFAULTS = Path(__file__).parent / "default_objects.yaml"
SERVERS = {"Deployment", "StatefulSet"}
REFERENCES = {
    **dict.fromkeys(("Pod", "Deployment", "DaemonSet", "Job", "CronJob"), ("ServiceAccount",)),
    "StatefulSet": ("ServiceAccount", "Service"),
    **dict.fromkeys(("Service", "PodDisruptionBudget", "PodMonitor"), ("Deployment",)),
    "HorizontalPodAutoscaler": ("Deployment",),
    **dict.fromkeys(("Ingress", "HTTPRoute", "ServiceMonitor"), ("Service",)),
    "RoleBinding": ("Role", "ServiceAccount"),
    "ClusterRoleBinding": ("ClusterRole", "ServiceAccount"),
}
"""The kinds that an object of a kind refers to."""
_BLOCK = re.compile(r"^## (?P<rule>\S+)$|^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)

_CHANGED = re.compile(r"^([-+]) *(\S.*)", re.M)


@dataclass(frozen=True)
class Example:
    """Objects that one rule reports, and the same objects corrected."""

    rule: str
    diff: str
    facts: Mapping[str, Any]
    """Fields of RenderedChart beside its objects; components as in schemas/components.yaml."""

    def __str__(self) -> str:
        """Return the rule and the first line that differs."""
        sign, line = _CHANGED.findall(self.diff)[0]
        return f"{self.rule}: {sign} {line[:50]}"

    def build_violation(self) -> RenderedChart:
        """Return a chart with the objects that the rule reports."""
        return self._build("+")

    def build_correction(self) -> RenderedChart:
        """Return a chart with the corrected objects."""
        return self._build("-")

    def _build(self, left_out: str) -> RenderedChart:
        lines = [line[1:] for line in self.diff.splitlines() if not line.startswith(left_out)]
        return build_chart("\n".join(lines), self.facts)


def read_examples() -> Iterator[Example]:
    """Yield the examples of all files."""
    for path in sorted(EXAMPLES.glob("*.md")):
        rule = ""
        facts: dict[str, Any] = {}
        for block in _BLOCK.finditer(path.read_text("utf-8")):
            if block["rule"]:
                rule, facts = block["rule"], {}
            elif block["language"] == "yaml":
                facts = yaml.safe_load(block["text"])
            else:
                yield Example(rule, block["text"], facts)


def build_chart(text: str, facts: Mapping[str, Any]) -> RenderedChart:
    """Return a chart with the objects of a YAML text and the objects that they refer to."""
    bodies = [yaml.safe_load(each) for each in text.split("\n\n") if each.strip()]
    bodies = [merge(read_default(body["kind"]), body) for body in bodies]
    for body in bodies:  # the loop also visits the objects that it adds
        for kind in REFERENCES.get(body["kind"], ()):
            if not {each["kind"] for each in bodies} & (SERVERS if kind in SERVERS else {kind}):
                bodies.append(read_default(kind))
    objects = tuple(RenderedObject(body) for body in bodies)
    rows = facts.get("components", {}).items()
    components = tuple(Component("web", workload, **row) for workload, row in rows)
    given = {"name": "web", "objects": objects, **facts, "components": components}
    return RenderedChart(**given)


@cache
def read_defaults() -> dict[str, dict[str, Any]]:
    """Return the default objects by kind, and what they share under `shared`."""
    return dict(yaml.safe_load(DEFAULTS.read_text("utf-8")))


def list_kinds() -> list[str]:
    """Return the kinds that have a default object."""
    return [kind for kind in read_defaults() if kind != "shared"]


def read_default(kind: str) -> dict[str, Any]:
    """Return the default object of a kind; only its metadata for a kind without one."""
    shared = {"kind": kind, "metadata": read_defaults()["shared"]["metadata"]}
    return dict(merge(shared, read_defaults().get(kind, {})))


def merge(below: Any, above: Any) -> Any:
    """Return YAML merged over other YAML: maps by key, lists of maps by position; null deletes."""
    if isinstance(above, dict):
        old = below if isinstance(below, dict) else {}
        new = old | {key: merge(old.get(key), value) for key, value in above.items()}
        return {key: value for key, value in new.items() if value is not None}
    if isinstance(above, list) and above and isinstance(above[0], dict):
        pairs = zip_longest(below if isinstance(below, list) else [], above)
        return [one if two is None else merge(one, two) for one, two in pairs]
    return above


def find_violations(chart: RenderedChart) -> dict[str, list[str]]:
    """Return the messages of each rule over rendered objects that reports a violation."""
    examined = {name: rule.examine for name, rule in RULES.items() if rule.examine is not None}
    found = {name: [each.what for each in examine(chart)] for name, examine in examined.items()}
    return {name: reports for name, reports in found.items() if reports}
