"""API versions: Kubernetes serves them, and references state the version of their object."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.apis import OWN_GROUPS, get_group
from carbon.check.render.objects import RenderedChart

_PREVIEW = re.compile(r"v\d+(alpha|beta)\d+")
TARGETS = ("scaleTargetRef", "targetRef")
"""References to a workload with its apiVersion."""


@rule("apis/served", "Write the stable version of the API, such as apps/v1.")
def check_served(chart: RenderedChart) -> Iterator[Violation]:
    """No object has an alpha or beta version of Kubernetes, which a cluster must enable first."""
    for obj in chart.objects:
        group, _, version = str(obj.body.get("apiVersion")).rpartition("/")
        if group in OWN_GROUPS and _PREVIEW.fullmatch(version):
            wrong = f"{obj.identity}: a cluster does not serve {group}/{version} by default"
            yield Violation(obj, ("apiVersion",), wrong)


@rule("apis/reference", "Write the apiVersion or group of the object that the reference names.")
def check_reference(chart: RenderedChart) -> Iterator[Violation]:
    """A reference to an object states the API of that object."""
    versions = {obj.identity: str(obj.body.get("apiVersion")) for obj in chart.objects}
    for obj in chart.objects:
        for path, kind, name, stated in _find_references(obj.body):
            there = versions.get(f"{kind}/{name}")
            if there is None:
                continue
            expected = there if path[-1] == "apiVersion" else get_group(there)
            if stated != expected:
                wrong = f"{obj.identity}: {path[-2]}.{path[-1]} is {stated or 'missing'}"
                yield Violation(obj, path, f"{wrong}, and {kind}/{name} has {expected}")


def _find_references(body: dict[str, Any]) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Yield path, kind, name and stated API of each reference to another object."""
    spec = body.get("spec")
    for key in TARGETS:
        target = spec.get(key) if isinstance(spec, dict) else None
        if isinstance(target, dict) and "apiVersion" in target:
            yield _read(("spec", key, "apiVersion"), target)
    if isinstance(role := body.get("roleRef"), dict):
        yield _read(("roleRef", "apiGroup"), role)
    for subject in body.get("subjects") or []:
        if subject.get("kind") == "ServiceAccount" and subject.get("apiGroup"):
            yield _read(("subjects", "apiGroup"), subject)


def _read(path: KeyPath, reference: dict[str, Any]) -> tuple[KeyPath, str, str, str]:
    stated = str(reference.get(path[-1]) or "")
    return path, str(reference.get("kind")), str(reference.get("name")), stated
