"""Permissions: a Role names API groups, resources and verbs that exist."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.apis import CRDS, OWN_GROUPS, get_group, list_apis
from carbon.check.render.objects import RenderedChart
from carbon.files import read_yaml

OF_OBJECTS = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
"""Verbs of requests for objects, which each resource has or lacks."""
VERBS = {*OF_OBJECTS, "use", "bind", "escalate", "impersonate", "approve", "sign", "attest", "*"}
VIRTUAL = {"users", "groups", "userextras", "uids", "signers", "*"}
"""Resources without objects, which only permissions name."""
AUTHORIZED = {
    "certificatesigningrequests": {"nodeclient", "selfnodeclient", "selfnodeserver"},
    "endpoints": {"restricted"},
    "endpointslices": {"restricted"},
    "nodes": {"checkpoint", "configz", "healthz", "log", "metrics", "pods", "stats", "statusz"},
    "resourceclaims": {"binding", "driver"},
}
"""Subresources without an endpoint of the API server: the kubelet, a controller or an admission
plugin checks the permission (pkg/kubelet/server/auth.go and plugin/pkg of Kubernetes)."""
OF_EACH = {"finalizers"}
"""The subresource of the admission plugin OwnerReferencesPermissionEnforcement."""
OF_OTHERS = {"scale", "status"}
"""Subresources that a custom resource can have in another version of its operator."""
Table = Mapping[str, Mapping[str, list[str]]]


@rule("rbac/known", "Correct the name; `kubectl api-resources` lists groups and resources.")
def check_known(chart: RenderedChart) -> Iterator[Violation]:
    """The groups, resources, subresources and verbs in the rules of a Role exist."""
    for obj in chart.of_kind("Role", "ClusterRole"):
        for at, entry in enumerate(obj.body.get("rules") or []):
            for path, what in _find_unknown(entry):
                yield Violation(obj, ("rules", str(at), *path), f"{obj.identity}: {what}")


def _find_unknown(entry: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Yield path and message of each group, verb and resource in a rule that does not exist."""
    groups = [str(group) for group in entry.get("apiGroups") or []]
    for at, group in enumerate(groups):
        if meant := _find_group(group):
            yield ("apiGroups", str(at)), f"there is no API group {group}; write {meant}"
            return
    verbs = [str(verb) for verb in entry.get("verbs") or []]
    if set(groups) <= OWN_GROUPS and not entry.get("nonResourceURLs"):
        for at, verb in enumerate(verbs):
            # Kubernetes composes a verb, such as impersonate:user-info or arbitrary-node:update.
            if verb not in VERBS and ":" not in verb:
                yield ("verbs", str(at)), f"there is no verb {verb}"
                return
    if set(groups) <= OWN_GROUPS | _read_table().keys():
        shown = ", ".join(group or "the core group" for group in groups)
        for at, name in enumerate(map(str, entry.get("resources") or [])):
            for what in _find_resource(name, groups, verbs):
                yield ("resources", str(at)), f"{shown} has no {what}"


@cache
def _find_group(name: str) -> str:
    """Return the known API group that an unknown name stands for; empty if there is none.

    A group of another domain, such as networking.gke.io, or below a known group is not a mistake.
    """
    if name in _list_groups():
        return ""
    if "/" in name:
        return name.partition("/")[0]
    for meant in get_close_matches(name, _list_groups(), 1, 0.85):
        own, known = (".".join(each.split(".")[-2:]) for each in (name, meant))
        if own != "x-k8s.io" and get_close_matches(own, [known], 1, 0.8):
            return "" if name.endswith(f".{meant}") else meant
    return ""


def _find_resource(name: str, groups: list[str], verbs: list[str]) -> Iterator[str]:
    """Yield what the API groups lack of a resource or subresource.

    Another version of an operator can have other custom resources.
    """
    resource, _, part = name.partition("/")
    if resource in VIRTUAL:
        return
    known = {name: each for group in groups for name, each in _read_table().get(group, {}).items()}
    own = set(groups) <= OWN_GROUPS
    alike = [] if name in known else get_close_matches(name, known, 1, 0.85)
    meant = f"; write {alike[0]}" if alike else ""
    if resource not in known:
        if own or alike:
            yield f"resource {resource}{meant}"
    elif name in known:
        if verbs and set(verbs) <= OF_OBJECTS - set(known[name]):
            yield f"verb {verbs[0]} for {name}; its verbs are {', '.join(known[name])}"
    elif part not in OF_EACH | AUTHORIZED.get(resource, set()) | (set() if own else OF_OTHERS):
        yield f"resource {name}{meant}"


@cache
def _list_groups() -> frozenset[str]:
    others = {get_group(api) for api in list_apis() if api.count("/") == 1}
    return frozenset({*OWN_GROUPS, *others, "*", "metrics.k8s.io"})


@cache
def _read_table() -> Table:
    """Return the verbs of each resource and subresource, by API group."""
    return read_yaml(CRDS / "resources.yaml")
