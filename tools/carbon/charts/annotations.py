"""The annotations with which an object tells Helm how to treat it."""

from typing import Any

HOOK = "helm.sh/hook"
"""The annotation of an object that Helm creates at a moment of its own, such as `helm test`."""
POLICY = "helm.sh/resource-policy"
KEEP = "keep"
"""The value of POLICY with which Helm keeps an object that a release no longer contains."""


def is_kept_by_helm(body: dict[str, Any]) -> bool:
    """Return whether Helm keeps an object when a release no longer contains it."""
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get(POLICY) == KEEP)
