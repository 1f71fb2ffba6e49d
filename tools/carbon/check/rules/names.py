"""Names and label values that Kubernetes accepts."""

import re
from collections import Counter
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, pod_labels

SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
OBJECT = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_NO_LABEL = "is not a DNS label that begins with a letter"
RBAC = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}
"""Kinds whose names may contain a colon."""


@rule(
    "names/valid",
    "Write lower-case letters, digits, '-' and '.': at most 63 characters, or 52 for a StatefulSet "
    "or a CronJob.",
)
def check_valid(chart: RenderedChart) -> Iterator[Violation]:
    """Kubernetes accepts every name, also with the suffixes that controllers add."""
    for obj in chart.objects:
        name = obj.name if obj.kind not in RBAC else obj.name.replace(":", "-")
        longest = 52 if obj.kind in {"StatefulSet", "CronJob"} else 63
        crd = obj.kind == "CustomResourceDefinition"
        if not OBJECT.fullmatch(name) or (len(name) > longest and not crd):
            wrong = (
                f"{obj.kind}: the name {obj.name!r} is invalid, or longer than {longest} characters"
            )
            yield Violation(obj, ("metadata", "name"), wrong)


@rule("names/unique", "Give each object of a kind a different name.")
def check_unique(chart: RenderedChart) -> Iterator[Violation]:
    """No two objects have the same kind, namespace and name."""
    known = [(t.body.get("apiVersion"), t.identity, t.meta.get("namespace")) for t in chart.objects]
    again = {which for which, count in Counter(known).items() if count > 1}
    for obj, which in zip(chart.objects, known, strict=True):
        if which in again:
            yield Violation(obj, ("metadata", "name"), f"{obj.identity} is rendered more than once")


@rule("names/service", "Begin the name with a letter: Kubernetes before 1.36 refuses other names.")
def check_services(chart: RenderedChart) -> Iterator[Violation]:
    """The name of a Service is a DNS label that begins with a letter."""
    for obj in chart.of_kind("Service"):
        if not SERVICE.fullmatch(obj.name):
            yield Violation(
                obj,
                ("metadata", "name"),
                f"{obj.identity}: the name {_NO_LABEL}",
            )
    for obj in chart.of_kind("StatefulSet"):
        name = str(obj.spec.get("serviceName", "a"))
        if not SERVICE.fullmatch(name):
            yield Violation(
                obj,
                ("spec", "serviceName"),
                f"{obj.identity}: the serviceName {name} {_NO_LABEL}",
            )


@rule("names/labels", "Quote the value; shorten it, and replace characters that labels can't hold.")
def check_label_values(chart: RenderedChart) -> Iterator[Violation]:
    """Kubernetes accepts every label value."""
    for obj in chart.objects:
        for labels in (obj.labels, *map(pod_labels, obj.pods if obj.kind != "Pod" else [])):
            for key, value in labels.items():
                good = isinstance(value, str) and LABEL.fullmatch(value) and len(value) <= 63
                if not good:
                    wrong = f"{obj.identity}: the label {key} has the invalid value {value!r}"
                    yield Violation(obj, ("labels", key), wrong)
