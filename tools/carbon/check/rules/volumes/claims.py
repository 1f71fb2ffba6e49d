"""PersistentVolumeClaims: a claim without a volume of its own is provisioned dynamically."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart


@rule("volumes/class", "Render storageClassName only if a value sets the class.", house=True)
def check_class(chart: RenderedChart) -> Iterator[Violation]:
    """No claim turns dynamic provisioning off, unless it names or selects its volume."""
    for obj in chart.of_kind("PersistentVolumeClaim", "StatefulSet"):
        if obj.kind == "PersistentVolumeClaim":
            claims = [obj.body]
        else:
            claims = obj.spec.get("volumeClaimTemplates") or []
        for claim in claims:
            spec = claim.get("spec") or {}
            bound = spec.get("volumeName") or spec.get("selector")
            if spec.get("storageClassName") == "" and not bound:
                name = (claim.get("metadata") or {}).get("name")
                wrong = f"{obj.identity}: the empty storageClassName of {name}"
                what = f"{wrong} turns dynamic provisioning off, so the claim stays Pending"
                yield Violation(obj, ("spec", "storageClassName"), what)
