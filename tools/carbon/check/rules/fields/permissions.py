"""Permissions: a Role names API groups, resources and verbs that exist."""

import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from carbon.charts.kubernetes import MINORS, prepare_schemas
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.apis import OWN_GROUPS, get_group, list_apis
from carbon.check.render.objects import RenderedChart

VERBS = {
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    *("use", "bind", "escalate", "impersonate", "approve", "sign", "attest", "*"),
}
VIRTUAL = {"users", "groups", "userextras", "uids", "signers"}
"""Resources without objects, which only permissions name."""
_KIND = re.compile(r"(\w+)-(?:(\w+)-)?v\d\w*\.json$")
_PREFIXES = {"rbac.authorization.k8s.io": "rbac", "": ""}
"""API group -> the name of the group in the names of schemas, where it is not the first part."""


@rule("rbac/known", "Correct the name; `kubectl api-resources` lists groups and resources.")
def check_known(chart: RenderedChart) -> Iterator[Violation]:
    """The groups, resources and verbs in the rules of a Role exist."""
    for obj in chart.of_kind("Role", "ClusterRole"):
        for at, entry in enumerate(obj.body.get("rules") or []):
            for path, what in _find_unknown(entry):
                yield Violation(obj, ("rules", str(at), *path), f"{obj.identity}: {what}")


def _find_unknown(entry: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Yield path and message of each name in a rule that no API has."""
    groups = [str(group) for group in entry.get("apiGroups") or []]
    for at, group in enumerate(groups):
        alike = get_close_matches(group, _list_groups(), 1, 0.85)
        if group not in _list_groups() and (alike or "/" in group):
            meant = alike[0] if alike else group.partition("/")[0]
            yield ("apiGroups", str(at)), f"there is no API group {group}; write {meant}"
            return
    for at, verb in enumerate(entry.get("verbs") or []):
        if verb not in VERBS and set(groups) <= OWN_GROUPS and not entry.get("nonResourceURLs"):
            yield ("verbs", str(at)), f"there is no verb {verb}"
    if not set(groups) <= OWN_GROUPS:
        return  # the resources of other projects are not known
    known = {resource for group in groups for resource in _list_resources(group)}
    for at, each in enumerate(entry.get("resources") or []):
        resource = str(each).partition("/")[0]
        if resource not in known | VIRTUAL | {"*"}:
            shown = ", ".join(group or "the core group" for group in groups)
            yield ("resources", str(at)), f"{shown} has no resource {resource}"


@cache
def _list_groups() -> frozenset[str]:
    others = {get_group(api) for api in list_apis() if api.count("/") == 1}
    return frozenset({*OWN_GROUPS, *others, "*", "metrics.k8s.io"})


@cache
def _list_resources(group: str) -> frozenset[str]:
    """Return the resources of an API group of Kubernetes in the supported minors."""
    kinds = _list_kinds()[_PREFIXES.get(group, group.partition(".")[0])]
    return frozenset({plural for kind in kinds for plural in _pluralize(kind)})


@cache
def _list_kinds() -> dict[str, set[str]]:
    """Return the kinds of Kubernetes by the name of their API group in the names of schemas."""
    found = defaultdict(set)
    for minor in MINORS:
        for path in prepare_schemas(minor).iterdir():
            if match := _KIND.match(path.name):
                found[match[2] or ""].add(match[1])
    return found


def _pluralize(kind: str) -> set[str]:
    """Return the plural of a kind, in lower case, as the API writes it."""
    if kind.endswith("y"):
        return {f"{kind[:-1]}ies"}
    if kind.endswith(("s", "x", "ch")):
        return {f"{kind}es", kind}
    return {f"{kind}s"}
