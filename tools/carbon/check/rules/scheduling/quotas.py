"""Quotas: each resource of a queue or a GPU pool has a quota above 0 where nodes offer it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.quantities import parse_quantity
from carbon.charts.render import Object
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.scheduling.gpus import find_offered, list_pools

REQUESTS = "requests."
"""Prefix of an extended resource in a ResourceQuota."""
GPUS = "nvidia.com/"


@rule("queues/quota", "Set nominalQuota of one flavor above 0, or remove the resource.")
def check_quota(chart: RenderedChart) -> Iterator[Violation]:
    """A ClusterQueue that can't borrow has a quota above 0 of each resource that it covers."""
    for obj in chart.of_kind("ClusterQueue"):
        borrows = obj.spec.get("cohort") or obj.spec.get("cohortName")
        for group in obj.spec.get("resourceGroups") or [] if not borrows else []:
            total: dict[str, float] = defaultdict(float)
            for flavor in group.get("flavors") or []:
                for name, amount in _read_quotas(flavor).items():
                    total[name] += amount
            for name in sorted(name for name, amount in total.items() if amount <= 0):
                path = ("resourceGroups", f"name={name}", "nominalQuota")
                wrong = f"{obj.identity}: all flavors have nominalQuota 0 of {name}"
                yield Violation(obj, path, f"{wrong}: no workload with it starts")


@rule("queues/flavor", "Set the quota of the resource that the pool offers.", house=True)
def check_flavor(chart: RenderedChart) -> Iterator[Violation]:
    """A flavor has no quota of a GPU resource that its nodes do not offer."""
    flavors = {obj.name: obj for obj in chart.of_kind("ResourceFlavor")}
    for obj in chart.of_kind("ClusterQueue"):
        for group in obj.spec.get("resourceGroups") or []:
            for flavor in group.get("flavors") or []:
                name = str(flavor.get("name"))
                offered = _find_offered(chart, flavors.get(name))
                quotas = _read_quotas(flavor)
                others = [key for key in quotas if key.startswith(GPUS) and key != offered]
                wrong = [key for key in others if quotas[key] > 0]
                if offered and wrong:
                    path: KeyPath = ("flavors", f"name={name}", f"name={wrong[0]}", "nominalQuota")
                    what = f"{obj.identity}: the flavor {name} has quota of {', '.join(wrong)}"
                    own = f"{quotas.get(offered, 0):g}"
                    yield Violation(obj, path, f"{what}; its nodes offer {offered} (quota {own})")


@rule("gpus/quota", "Set the quota of the resources that the pools offer.", house=True)
def check_resource_quota(chart: RenderedChart) -> Iterator[Violation]:
    """A ResourceQuota of all pods lists each GPU resource that a pool offers, and no other."""
    offered = {find_offered(pool) for pool in list_pools(chart).values()}
    for obj in chart.of_kind("ResourceQuota"):
        hard = obj.spec.get("hard") or {}
        own = {
            key.removeprefix(REQUESTS): parse_quantity(amount)
            for key, amount in hard.items()
            if key.startswith(REQUESTS + GPUS)
        }
        if not own or not offered or obj.spec.get("scopeSelector") or obj.spec.get("scopes"):
            continue
        for name in sorted(offered - own.keys()):
            wrong = f"{obj.identity} does not list {REQUESTS}{name}, which a pool offers"
            yield Violation(obj, ("spec", "hard"), wrong)
        for name in sorted(own):
            positive = any(amount > 0 for key, amount in own.items() if key != name)
            wrong = f"{obj.identity}: {REQUESTS}{name} is {own[name]:f}"
            if name in offered and own[name] == 0 and positive:
                yield Violation(obj, ("hard", REQUESTS + name), f"{wrong}, and a pool offers it")
            elif name not in offered and own[name] > 0:
                yield Violation(obj, ("hard", REQUESTS + name), f"{wrong}, and no pool offers it")


def _find_offered(chart: RenderedChart, flavor: RenderedObject | None) -> str | None:
    """Return the GPU resource of the pool whose nodes a flavor selects."""
    labels: Mapping[str, Any] = (flavor.spec.get("nodeLabels") or {}) if flavor else {}
    for pool in list_pools(chart).values():
        selector = pool.get("selector") or {}
        if selector and selector.items() <= labels.items():
            return find_offered(pool)
    return None


def _read_quotas(flavor: Object) -> dict[str, float]:
    """Return the nominal quota of each resource of a flavor."""
    resources = flavor.get("resources") or []
    return {
        str(each.get("name")): float(parse_quantity(each.get("nominalQuota", 0)))
        for each in resources
    }
