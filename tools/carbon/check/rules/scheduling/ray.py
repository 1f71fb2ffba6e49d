"""Ray: a node starts with no more GPUs and memory than its container has."""

import re
from collections.abc import Iterator

from carbon.charts.quantities import parse_quantity
from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import Container, RenderedChart

_START = re.compile(r"\bray start\b")
_OPTION = re.compile(r"--(num-gpus|memory|object-store-memory)[= ]'?(\d+)")


@rule("ray/gpus", "Set num-gpus to the number of GPUs that the container requests.")
def check_gpus(chart: RenderedChart) -> Iterator[Violation]:
    """A Ray node has the GPUs that its container requests, and no others.

    KubeRay sets num-gpus from a resource whose name ends with `gpu`.
    """
    for each, options in _list_nodes(chart):
        resources = each.body.get("resources") or {}
        limits = resources.get("limits") or {}
        gpus = {name: int(amount) for name, amount in limits.items() if _is_gpu(name)}
        there, stated = sum(gpus.values()), options.get("num-gpus")
        path = (*each.path, "resources", "limits", *list(gpus)[:1])
        if resources.get("claims"):
            continue
        if stated is not None and stated > there:
            have = ", ".join(f"{name}: {number}" for name, number in gpus.items()) or "no GPU"
            wrong = f"{each.name}: num-gpus is {stated}, and the container requests {have}"
            yield Violation(each.object, path, wrong)
        elif there and not (stated or (stated is None and any(g.endswith("gpu") for g in gpus))):
            shown = "missing" if stated is None else stated
            wrong = f"{each.name}: num-gpus is {shown}, and the container requests {there} GPUs"
            yield Violation(each.object, path, wrong)


@rule("ray/memory", "Set memory and object-store-memory below the limit of the container.")
def check_memory(chart: RenderedChart) -> Iterator[Violation]:
    """A Ray node offers tasks and its object store at most the memory limit of its container."""
    for each, options in _list_nodes(chart):
        limit = ((each.body.get("resources") or {}).get("limits") or {}).get("memory")
        total = options.get("memory", 0) + options.get("object-store-memory", 0)
        if limit is not None and total > parse_quantity(limit):
            wrong = f"{each.name}: memory and object-store-memory are {total} bytes in total"
            path = (*each.path, "resources", "limits", "memory")
            yield Violation(each.object, path, f"{wrong}, and the limit is {limit}")


def _is_gpu(resource: str) -> bool:
    return "/" in resource and "gpu" in resource.rpartition("/")[2]


def _list_nodes(chart: RenderedChart) -> Iterator[tuple[Container, dict[str, int]]]:
    """Yield each container that starts a Ray node, and the options of `ray start`."""
    for each in chart.containers():
        command = _read_command(each.body)
        if _START.search(command):
            yield each, {name: int(number) for name, number in _OPTION.findall(command)}


def _read_command(container: Object) -> str:
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    return " ".join(map(str, words))
