"""Scratch space: an emptyDir can't fill the disk of its node."""

import re
from collections.abc import Iterator

from carbon.charts.quantities import parse_quantity
from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

OPERATED = {"ray-logs"}
"""Volumes that the KubeRay operator adds to pods."""
_MEDIUM = re.compile(r"(Memory|HugePages(-[0-9]+[KMG]i)?)?")


@rule("volumes/size-limit", "Set emptyDir.sizeLimit.", house=True)
def check_size_limit(chart: RenderedChart) -> Iterator[Violation]:
    """Every emptyDir of a chart has a size limit, so that no container fills the node's disk."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            name = volume.get("name")
            limited = (volume.get("emptyDir") or {}).get("sizeLimit")
            if "emptyDir" in volume and not limited and name not in OPERATED:
                wrong = f"{obj.identity}: the emptyDir {name} has no sizeLimit"
                yield Violation(obj, ("volumes", f"name={name}", "emptyDir"), wrong)


@rule("volumes/medium", "Write Memory, HugePages-2Mi or HugePages-1Gi, or omit the field.")
def check_medium(chart: RenderedChart) -> Iterator[Violation]:
    """The kubelet knows the medium of each emptyDir; the API server accepts any."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            name, medium = volume.get("name"), (volume.get("emptyDir") or {}).get("medium")
            if not _MEDIUM.fullmatch(str(medium or "")):
                wrong = f"{obj.identity}: the emptyDir {name} has the unknown medium {medium}"
                yield Violation(obj, ("volumes", f"name={name}", "emptyDir", "medium"), wrong)


@rule("volumes/memory", "Lower emptyDir.sizeLimit, or raise the memory limit.")
def check_memory(chart: RenderedChart) -> Iterator[Violation]:
    """An emptyDir in memory is at most as large as the memory limit of one of its containers."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            empty, name = volume.get("emptyDir") or {}, volume.get("name")
            limits = list(_list_limits(pod, name)) if empty.get("medium") == "Memory" else []
            try:
                size = parse_quantity(empty.get("sizeLimit", 0))
                most = max(limits, key=parse_quantity, default=None)
            except ValueError:
                continue  # quantities/valid reports it
            if most is not None and size > parse_quantity(most):
                wrong = f"{obj.identity}: the sizeLimit {empty['sizeLimit']} of the emptyDir {name}"
                what = f"{wrong} in memory is above the memory limit {most} of its containers"
                yield Violation(obj, ("volumes", f"name={name}", "sizeLimit"), what)


def _list_limits(pod: Object, volume: object) -> Iterator[object]:
    """Yield the memory limit of each container that mounts a volume."""
    for container in containers(pod):
        limits = (container.get("resources") or {}).get("limits") or {}
        mounts = container.get("volumeMounts") or []
        if "memory" in limits and any(mount.get("name") == volume for mount in mounts):
            yield limits["memory"]
