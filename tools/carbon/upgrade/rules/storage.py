"""Storage that vanishes or that pods no longer use."""

from collections.abc import Iterator

from carbon.upgrade.comparison import Comparison
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.pairing import Pair

KEEP = "helm.sh/resource-policy"
"""The annotation with which Helm keeps an object that a release no longer contains."""


def find_lost_storage(comparison: Comparison) -> Iterator[Finding]:
    """Yield each claim that the new version lacks or renames."""
    for pair in comparison.of_kind("PersistentVolumeClaim"):
        if pair.old and not pair.is_kept:
            yield _report_claim(pair)


def is_kept_by_helm(pair: Pair) -> bool:
    """Return whether Helm keeps the old object when a release no longer contains it."""
    annotations = (pair.old.get("metadata") or {}).get("annotations") or {}
    return annotations.get(KEEP) == "keep"


def _report_claim(pair: Pair) -> Finding:
    name = pair.new["metadata"]["name"] if pair.new else None
    kept = is_kept_by_helm(pair)
    return Finding(
        "storage/claim",
        Severity.BREAKING,
        pair.name,
        ("metadata", "name"),
        f"renames the claim to {name}" if name else "no longer contains the claim",
        "Helm keeps the old claim, but no pod uses it: pods start with an empty volume."
        if kept
        else "Helm deletes the claim, and the data of its volume is lost.",
        "Keep the name of the claim. To move to another claim, copy the data first, and annotate "
        f"the old claim with {KEEP}: keep.",
        pair.old["metadata"]["name"],
        name,
    )
