"""GPU pools: a pod that requests GPUs can run on the nodes of a pool."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

GPU = "nvidia.com/gpu"
SHARED = "nvidia.com/gpu.shared"
"""The resource of a pool that shares its GPUs."""
TAINT: Object = {"key": GPU, "effect": "NoSchedule"}
"""The taint that keeps other pods off GPU nodes."""


def find_gpus(pod: Object) -> set[str]:
    """Return the GPU resources that a pod requests."""
    return {
        name
        for each in containers(pod)
        for name, amount in ((each.get("resources") or {}).get("limits") or {}).items()
        if name.startswith("nvidia.com/") and str(amount) != "0"
    }


def tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """Return whether a toleration matches a taint, as the scheduler compares them."""
    if toleration.get("effect") not in (None, "", taint.get("effect")) and taint.get("effect"):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    keys = "key", "value"
    return all((toleration.get(key) or "") == (taint.get(key) or "") for key in keys)


def find_pool(chart: RenderedChart, pod: Object) -> tuple[str, Mapping[str, Any]] | None:
    """Return the pool in the values whose nodes the pod's node selector selects."""
    chosen = (pod["spec"].get("nodeSelector") or {}).items()
    for name, pool in list_pools(chart).items():
        if pool.get("selector") and pool["selector"].items() <= chosen:
            return name, pool
    return None


def find_offered(pool: Mapping[str, Any]) -> str:
    """Return the GPU resource that the nodes of a pool offer."""
    shared = ((pool.get("sharing") or {}).get("mode") or "none") != "none"
    return SHARED if shared else GPU


@rule("gpus/toleration", "Render the tolerations with common.gpuPool.tolerations.", house=True)
def check_toleration(chart: RenderedChart) -> Iterator[Violation]:
    """A pod that requests GPUs tolerates the taints of the GPU nodes."""
    for obj, pod in chart.pods():
        if not find_gpus(pod):
            continue
        own = pod["spec"].get("tolerations") or []
        pool = find_pool(chart, pod)
        for taint in [TAINT, *((pool[1].get("tolerations") or []) if pool else [])]:
            if not any(tolerates(each, taint) for each in own):
                where = f"the nodes of the pool {pool[0]}" if pool else "GPU nodes"
                wrong = f"{obj.identity} does not tolerate the taint {taint['key']} of {where}"
                yield Violation(obj, ("spec", "tolerations"), wrong)


@rule("gpus/pool", "Render the selector and the resource with common.gpuPool.*.", house=True)
def check_pool(chart: RenderedChart) -> Iterator[Violation]:
    """A pod that requests GPUs selects the nodes of a pool, and requests the pool's resource."""
    pools = list_pools(chart)
    for obj, pod in chart.pods():
        if not (pools and find_gpus(pod)):
            continue
        found = find_pool(chart, pod)
        if found is None:
            wrong = f"{obj.identity} selects the nodes of none of the pools {', '.join(pools)}"
            yield Violation(obj, ("spec", "nodeSelector"), wrong)
            continue
        name, pool = found
        offered = find_offered(pool)
        for resource in sorted(find_gpus(pod) - {offered}):
            wrong = f"{obj.identity} requests {resource}; the pool {name} offers {offered}"
            yield Violation(obj, ("resources", "limits", resource), wrong)


def list_pools(chart: RenderedChart) -> dict[str, Mapping[str, Any]]:
    """Return the pools in the values, by name."""
    shared = chart.values.get("global") or {}
    pools = shared.get("gpuPools") if isinstance(shared, Mapping) else None
    return dict(pools) if isinstance(pools, Mapping) else {}
