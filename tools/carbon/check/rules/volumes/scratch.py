"""Scratch space: an emptyDir can't fill the disk of its node."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

OPERATED = {"ray-logs"}
"""Volumes that the KubeRay operator adds to pods."""


@rule("volumes/size-limit", "Set emptyDir.sizeLimit.", house=True)
def check_size_limit(chart: RenderedChart) -> Iterator[Violation]:
    """Every emptyDir has a size limit, so that no container fills the disk of its node."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            name = volume.get("name")
            limited = (volume.get("emptyDir") or {}).get("sizeLimit")
            if "emptyDir" in volume and not limited and name not in OPERATED:
                wrong = f"{obj.identity}: the emptyDir {name} has no sizeLimit"
                yield Violation(obj, ("volumes", f"name={name}", "emptyDir"), wrong)
