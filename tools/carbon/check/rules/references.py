"""What pods refer to is there: accounts, ConfigMaps and their keys, volumes."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.render import containers
from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule

BROUGHT = {"kube-root-ca.crt"}
"""ConfigMaps that Kubernetes puts into every namespace."""


def found(node: Any, key: str) -> Iterator[dict[str, Any]]:
    """Every map under `key`, however deep."""
    if isinstance(node, list):
        for each in node:
            yield from found(each, key)
    if isinstance(node, dict):
        if isinstance(node.get(key), dict):
            yield node[key]
        for child in node.values():
            yield from found(child, key)


@rule("references/account", "Draw the ServiceAccount, or correct serviceAccountName.")
def account(drawn: Drawn) -> Iterator[Fault]:
    """Every account that a pod runs under is drawn."""
    for thing, pod in drawn.pods():
        name = pod["spec"].get("serviceAccountName", "default")
        if name != "default" and name not in drawn.names("ServiceAccount"):
            wrong = f"{thing.identity}: there is no ServiceAccount/{name}"
            yield Fault(thing, ("serviceAccountName",), wrong)


@rule("references/configmap", "Draw the ConfigMap, or correct its name.")
def configmap(drawn: Drawn) -> Iterator[Fault]:
    """Every ConfigMap that a pod needs is drawn."""
    there = drawn.names("ConfigMap") | BROUGHT
    for thing, pod in drawn.pods():
        for key in ("configMap", "configMapRef", "configMapKeyRef"):
            for reference in found(pod, key):
                if reference.get("name") not in there and not reference.get("optional"):
                    wrong = f"{thing.identity}: there is no ConfigMap/{reference.get('name')}"
                    yield Fault(thing, (key, "name"), wrong)


@rule("references/configmap-key", "Add the key to the ConfigMap, or correct it.")
def configmap_key(drawn: Drawn) -> Iterator[Fault]:
    """Every key that a pod takes from a ConfigMap is in it."""
    keys = {
        thing.name: set(thing.body.get("data") or {}) | set(thing.body.get("binaryData") or {})
        for thing in drawn.of_kind("ConfigMap")
    }
    for thing, pod in drawn.pods():
        wanted = [(each, each.get("key")) for each in found(pod, "configMapKeyRef")]
        for each in found(pod, "configMap"):
            wanted += [(each, item.get("key")) for item in each.get("items") or []]
        for each, key in wanted:
            name = each.get("name")
            if name in keys and key not in keys[name] and not each.get("optional"):
                wrong = f"{thing.identity}: ConfigMap/{name} has no key {key}"
                yield Fault(thing, ("configMap", "key"), wrong)


@rule("references/mount", "Add the volume, or correct the mount's name.")
def mount(drawn: Drawn) -> Iterator[Fault]:
    """Every mount has its volume."""
    for thing, pod in drawn.pods():
        there = _volumes(thing.spec, pod)
        for each in containers(pod):
            for name in sorted({m.get("name") for m in each.get("volumeMounts") or []} - there):
                wrong = f"{thing.identity}: {each.get('name')} mounts {name}, which is no volume"
                yield Fault(thing, ("volumeMounts", f"name={name}"), wrong)


@rule("references/volume", "Mount it, or remove it.")
def volume(drawn: Drawn) -> Iterator[Fault]:
    """Every volume is mounted by someone."""
    for thing, pod in drawn.pods():
        mounted = {m.get("name") for c in containers(pod) for m in c.get("volumeMounts") or []}
        for name in sorted(_volumes(thing.spec, pod) - mounted):
            wrong = f"{thing.identity}: nothing mounts the volume {name}"
            yield Fault(thing, ("volumes", f"name={name}"), wrong)


@rule("references/subpath", "Mount the key of the ConfigMap under its own name.")
def subpath(drawn: Drawn) -> Iterator[Fault]:
    """A file mounted out of a ConfigMap by subPath is one of its keys."""
    keys = {thing.name: set(thing.body.get("data") or {}) for thing in drawn.of_kind("ConfigMap")}
    for thing, pod in drawn.pods():
        given = {v.get("name"): v.get("configMap") for v in pod["spec"].get("volumes") or []}
        for each in containers(pod):
            for one in each.get("volumeMounts") or []:
                source = given.get(one.get("name")) or {}
                known = keys.get(str(source.get("name")))
                if known is None or source.get("items") or not one.get("subPath"):
                    continue
                if one["subPath"] not in known:
                    wrong = f"{thing.identity}: ConfigMap/{source['name']} has no {one['subPath']}"
                    yield Fault(thing, ("volumeMounts", "subPath"), wrong)


@rule("references/claim", "Draw the claim, or take its name from the values.")
def claim(drawn: Drawn) -> Iterator[Fault]:
    """Every claim that a pod mounts is drawn, or is one that the values name."""
    there = drawn.names("PersistentVolumeClaim") | set(_texts(drawn.values))
    for thing, pod in drawn.pods():
        for each in found(pod, "persistentVolumeClaim"):
            if each.get("claimName") not in there:
                wrong = f"{thing.identity}: there is no claim {each.get('claimName')}"
                yield Fault(thing, ("persistentVolumeClaim",), wrong)


def _volumes(spec: dict[str, Any], pod: dict[str, Any]) -> set[Any]:
    claims = {c["metadata"]["name"] for c in spec.get("volumeClaimTemplates") or []}
    return claims | {v.get("name") for v in pod["spec"].get("volumes") or []}


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _texts(child)
