"""API versions: Kubernetes serves them, and references state the version of their object."""

import re
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.apis import OWN_GROUPS
from carbon.check.render.objects import RenderedChart

_PREVIEW = re.compile(r"v\d+(alpha|beta)\d+")
TARGETS = ("scaleTargetRef", "targetRef")
"""References to a workload with its apiVersion."""


@rule("apis/served", "Write the stable version of the API, such as apps/v1.")
def check_served(chart: RenderedChart) -> Iterator[Violation]:
    """No object uses an alpha or beta API of Kubernetes: clusters serve none by default."""
    for obj in chart.objects:
        group, _, version = str(obj.body.get("apiVersion")).rpartition("/")
        if group in OWN_GROUPS and _PREVIEW.fullmatch(version):
            wrong = f"{obj.identity}: a cluster does not serve {group}/{version} by default"
            yield Violation(obj, ("apiVersion",), wrong)


@rule("apis/reference", "Write the apiVersion of the object that the reference names.")
def check_reference(chart: RenderedChart) -> Iterator[Violation]:
    """A reference to a workload states the apiVersion of that workload."""
    versions = {obj.identity: str(obj.body.get("apiVersion")) for obj in chart.objects}
    for obj in chart.objects:
        for key in TARGETS:
            target = obj.spec.get(key)
            if not isinstance(target, dict) or "apiVersion" not in target:
                continue
            name, stated = f"{target.get('kind')}/{target.get('name')}", target["apiVersion"]
            if stated != versions.get(name, stated):
                wrong = f"{obj.identity}: the apiVersion of {key} is {stated}"
                what = f"{wrong}, and {name} has {versions[name]}"
                yield Violation(obj, ("spec", key, "apiVersion"), what)
