"""References of pods: ServiceAccounts, ConfigMaps and their keys, volumes, claims, devices."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from carbon.charts.render import containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.trees import iterate_maps, iterate_texts

BUILT_IN = {"kube-root-ca.crt"}
"""ConfigMaps that Kubernetes creates in every namespace."""
PRIORITIES = {"system-cluster-critical", "system-node-critical"}
"""PriorityClasses of Kubernetes."""


def find_maps(node: Any, key: str) -> Iterator[dict[str, Any]]:
    """Yield every map under `key`, at any depth."""
    for each in iterate_maps(node):
        if isinstance(each.get(key), dict):
            yield each[key]


@rule("references/account", "Render the ServiceAccount, or correct serviceAccountName.")
def check_account(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders the ServiceAccount of every pod."""
    for obj, pod in chart.pods():
        name = pod["spec"].get("serviceAccountName", "default")
        if name != "default" and name not in chart.names("ServiceAccount"):
            wrong = f"{obj.identity}: the chart renders no ServiceAccount/{name}"
            yield Violation(obj, ("serviceAccountName",), wrong)


@rule("references/configmap", "Render the ConfigMap, or correct its name.")
def check_configmap(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders every ConfigMap that a pod needs."""
    there = chart.names("ConfigMap") | BUILT_IN
    for obj, pod in chart.pods():
        for key in ("configMap", "configMapRef", "configMapKeyRef"):
            for reference in find_maps(pod, key):
                if reference.get("name") not in there and not reference.get("optional"):
                    wrong = (
                        f"{obj.identity}: the chart renders no ConfigMap/{reference.get('name')}"
                    )
                    yield Violation(obj, (key, "name"), wrong)


@rule("references/configmap-key", "Add the key to the ConfigMap, or correct its name.")
def check_configmap_key(chart: RenderedChart) -> Iterator[Violation]:
    """A ConfigMap has every key that a pod reads from it."""
    keys = {
        obj.name: set(obj.body.get("data") or {}) | set(obj.body.get("binaryData") or {})
        for obj in chart.of_kind("ConfigMap")
    }
    for obj, pod in chart.pods():
        wanted = [(each, each.get("key")) for each in find_maps(pod, "configMapKeyRef")]
        for each in find_maps(pod, "configMap"):
            wanted += [(each, item.get("key")) for item in each.get("items") or []]
        for each, key in wanted:
            name = each.get("name")
            if name in keys and key not in keys[name] and not each.get("optional"):
                wrong = f"{obj.identity}: ConfigMap/{name} has no key {key}"
                yield Violation(obj, ("configMap", "key"), wrong)


@rule("references/mount", "Add the volume, or correct the name in volumeMounts.")
def check_mount(chart: RenderedChart) -> Iterator[Violation]:
    """Every volume mount names a volume of the pod."""
    for obj, pod in chart.pods():
        there = _list_volumes(obj.spec, pod)
        for each in containers(pod):
            for name in sorted({m.get("name") for m in each.get("volumeMounts") or []} - there):
                wrong = (
                    f"{obj.identity}: {each.get('name')} mounts {name}, which the pod does not have"
                )
                yield Violation(obj, ("volumeMounts", f"name={name}"), wrong)


@rule("references/volume", "Mount the volume, or remove it.")
def check_volume(chart: RenderedChart) -> Iterator[Violation]:
    """Every volume of a pod is mounted by at least one of the pod's containers."""
    for obj, pod in chart.pods():
        mounted = {m.get("name") for c in containers(pod) for m in c.get("volumeMounts") or []}
        for name in sorted(_list_volumes(obj.spec, pod) - mounted):
            wrong = f"{obj.identity}: no container mounts the volume {name}"
            yield Violation(obj, ("volumes", f"name={name}"), wrong)


@rule(
    "references/resource-claim", "Add the claim to resourceClaims of the pod, or correct its name."
)
def check_resource_claim(chart: RenderedChart) -> Iterator[Violation]:
    """Every claim of a container (resources.claims) is in resourceClaims of the pod."""
    for obj, pod in chart.pods():
        there = {each.get("name") for each in pod["spec"].get("resourceClaims") or []}
        for each in containers(pod):
            used = {c.get("name") for c in (each.get("resources") or {}).get("claims") or []}
            for name in sorted(used - there, key=str):
                wrong = f"{obj.identity}: {each.get('name')} uses the claim {name}"
                problem = f"{wrong}, which the pod does not have"
                yield Violation(obj, (f"name={each.get('name')}", "claims"), problem)


@rule("references/subpath", "Set subPath to a key of the ConfigMap.")
def check_subpath(chart: RenderedChart) -> Iterator[Violation]:
    """The subPath of a ConfigMap mount is one of the keys of the ConfigMap."""
    keys = {obj.name: set(obj.body.get("data") or {}) for obj in chart.of_kind("ConfigMap")}
    for obj, pod in chart.pods():
        given = {v.get("name"): v.get("configMap") for v in pod["spec"].get("volumes") or []}
        for each in containers(pod):
            for one in each.get("volumeMounts") or []:
                source = given.get(one.get("name")) or {}
                known = keys.get(str(source.get("name")))
                if known is None or source.get("items") or not one.get("subPath"):
                    continue
                if one["subPath"] not in known:
                    wrong = (
                        f"{obj.identity}: ConfigMap/{source['name']} has no key {one['subPath']}"
                    )
                    yield Violation(obj, ("volumeMounts", "subPath"), wrong)


@rule("references/claim", "Render the PersistentVolumeClaim, or take its name from the values.")
def check_claim(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders every PersistentVolumeClaim of a pod, or the values name it."""
    there = chart.names("PersistentVolumeClaim") | set(iterate_texts(chart.values))
    for obj, pod in chart.pods():
        for each in find_maps(pod, "persistentVolumeClaim"):
            if each.get("claimName") not in there:
                name = f"PersistentVolumeClaim/{each.get('claimName')}"
                wrong = f"{obj.identity}: the chart renders no {name}, and no value names it"
                yield Violation(obj, ("persistentVolumeClaim",), wrong)


@rule("references/priority", "Render the PriorityClass, or take its name from the values.")
def check_priority(chart: RenderedChart) -> Iterator[Violation]:
    """Kubernetes or the chart creates the PriorityClass of every pod, or the values name it."""
    own = chart.names("PriorityClass")
    for obj, pod in chart.pods():
        name = pod["spec"].get("priorityClassName")
        if not name or name in own | PRIORITIES:
            continue
        # Values can name a PriorityClass of the cluster; one similar to the chart's is a mistake.
        alike = [each for each in sorted(own) if each.endswith(name)]
        alike = alike or get_close_matches(name, own, 1)
        if alike or name not in iterate_texts(chart.values):
            wrong = f"{obj.identity}: nothing creates the PriorityClass {name}"
            more = f"; the chart creates {alike[0]}" if alike else ""
            yield Violation(obj, ("priorityClassName",), wrong + more)


def _list_volumes(spec: dict[str, Any], pod: dict[str, Any]) -> set[Any]:
    claims = {c["metadata"]["name"] for c in spec.get("volumeClaimTemplates") or []}
    return claims | {v.get("name") for v in pod["spec"].get("volumes") or []}
