"""Annotations that Helm reads: a misspelt one has no effect, without any message."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from carbon.charts.annotations import HOOK, KEEP, POLICY
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject

PREFIX = "helm.sh/"
MOMENTS = {
    *(f"{when}-{what}" for when in ("pre", "post") for what in ("install", "upgrade")),
    *(f"{when}-{what}" for when in ("pre", "post") for what in ("delete", "rollback")),
    *("test", "test-success", "crd-install"),
}
"""When Helm runs a hook; crd-install and test-success are names of Helm 2."""
RESULTS = {"hook-succeeded", "hook-failed"}
ALLOWED: dict[str, set[str]] = {
    HOOK: MOMENTS,
    f"{HOOK}-weight": set(),
    f"{HOOK}-delete-policy": {"before-hook-creation", *RESULTS},
    f"{HOOK}-output-log-policy": RESULTS,
    POLICY: {KEEP},
}
"""The annotations of Helm with the words that each may contain; a weight is a number."""
LABELS = {f"{PREFIX}chart"}


@rule("objects/helm", "Correct the annotation, or remove it.")
def check_helm(chart: RenderedChart) -> Iterator[Violation]:
    """Helm knows the annotations that begin with helm.sh/, and their values."""
    for obj in chart.objects:
        for path, what in _find_unknown(obj):
            yield Violation(obj, ("metadata", *path), f"{obj.identity}: {what}")


def _find_unknown(obj: RenderedObject) -> Iterator[tuple[KeyPath, str]]:
    """Yield path and message of each key and value that Helm does not read."""
    for key in map(str, obj.labels):
        if key in ALLOWED:
            yield ("labels", key), f"{key} is a label; Helm reads the annotation"
    for key, value in obj.annotations.items():
        # Annotations with a further slash belong to newer versions of Helm.
        if not str(key).startswith(PREFIX) or str(key).count("/") > 1 or key in LABELS:
            continue
        path = ("annotations", str(key))
        if key not in ALLOWED:
            alike = get_close_matches(str(key), ALLOWED, 1) or [", ".join(ALLOWED)]
            yield path, f"Helm has no annotation {key}; write {alike[0]}"
        elif key.startswith(f"{HOOK}-") and HOOK not in obj.annotations:
            yield path, f"{key} has no effect without {HOOK}"
        elif not ALLOWED[key]:
            if not re.fullmatch(r"[+-]?\d+", str(value)):
                yield path, f"{key}: {value!r} is not a whole number"
        else:
            for word in map(str.strip, str(value).lower().split(",")):
                if word not in ALLOWED[key]:
                    known = ", ".join(sorted(ALLOWED[key]))
                    yield path, f"{key}: {word!r} is not one of {known}"
