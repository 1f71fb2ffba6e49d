"""The annotations with which an object tells Helm and Argo CD how to treat it."""

from typing import Any

HOOK = "helm.sh/hook"
"""The annotation of an object that Helm creates at a moment of its own, such as `helm test`."""
POLICY = "helm.sh/resource-policy"
KEEP = "keep"
"""The value of POLICY with which Helm keeps an object that a release no longer contains."""

ARGO = "argocd.argoproj.io/"
"""The beginning of the annotations that Argo CD reads."""
ARGO_KEEP = {
    f"{ARGO}sync-options": "Prune=false",
    f"{ARGO}compare-options": "IgnoreExtraneous",
}
"""The annotations with which Argo CD keeps such an object, and does not count it as out of sync.

isPruningDisabled in gitops-engine 3.6.1 reads only these, not POLICY.
"""


def is_kept_by_helm(body: dict[str, Any]) -> bool:
    """Return whether Helm keeps an object when a release no longer contains it."""
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get(POLICY) == KEEP)
