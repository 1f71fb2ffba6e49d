"""Writes objects alike, so that equal objects that are spelled otherwise have no differences.

A normalized object has the defaults that the API server adds, quantities in one unit, and no null.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from carbon.charts.kubernetes import CRDS
from carbon.charts.quantities import read_quantity
from carbon.charts.render import Object
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.upgrade.objects.changes import get_path

DEFAULTS = ROOT / "schemas" / "upgrade" / "api-defaults.yaml"
"""The table of the defaults that the API server adds to objects of Kubernetes itself."""
_QUANTITIES = {
    *("requests", "limits", "hard", "capacity", "allocatable"),
    *("min", "max", "default", "defaultRequest", "maxLimitRequestRatio"),
}
"""Keys of maps whose values are quantities."""
_SINGLE = {"sizeLimit", "nominalQuota", "borrowingLimit", "lendingLimit", "divisor"}
"""Keys of single quantities."""


def normalize(body: Object) -> Object:
    """Return a copy of an object as the API server would store it, quantities in one unit."""
    copy: Object = _unify(deepcopy(body))
    for kinds, path, value in _read_defaults():
        if copy.get("kind") in kinds:
            _set_default(copy, path, value)
    _copy_names(copy)
    _fill(copy, read_schema(copy))
    return copy


def find_nulls(body: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each null in an object."""
    children: Any = ()
    if isinstance(body, dict):
        children = body.items()
    elif isinstance(body, list):
        names = (e.get("name") if isinstance(e, dict) else None for e in body)
        keys = (f"name={n}" if n else str(i) for i, n in enumerate(names))
        children = zip(keys, body, strict=True)
    for key, child in children:
        if child is None:
            yield (*path, str(key))
        else:
            yield from find_nulls(child, (*path, str(key)))


def _unify(node: Any, key: str = "") -> Any:
    """Return a node without nulls, with each quantity as a plain number in a text."""
    if isinstance(node, list):
        return [_unify(each) for each in node if each is not None]
    if not isinstance(node, dict):
        return _format(node) if key in _SINGLE else node
    if key in _QUANTITIES and all(not isinstance(v, dict | list) for v in node.values()):
        return {k: _format(v) for k, v in node.items() if v is not None}
    return {k: _unify(v, str(k)) for k, v in node.items() if v is not None}


def _format(value: Any) -> Any:
    number = read_quantity(value)
    return value if number is None else f"{number.normalize():f}"


@cache
def _read_table() -> dict[str, Any]:
    return read_yaml(DEFAULTS)


@cache
def _read_defaults() -> tuple[tuple[frozenset[str], tuple[str, ...], Any], ...]:
    """Return kinds, path and value of each default; `*` in a path is each entry of a list."""
    table = _read_table()
    pods = table["pods"]
    rows = []
    for kind, where in table["pod templates"].items():
        rows += [
            (frozenset({kind}), (*where.split("."), *path.split(".")), value)
            for path, value in pods.items()
        ]
    for kinds, fields in table["kinds"].items():
        named = frozenset(kinds.split(", "))
        rows += [(named, tuple(path.split(".")), value) for path, value in fields.items()]
    return tuple(rows)


def _set_default(node: Any, path: tuple[str, ...], value: Any) -> None:
    """Set a missing field whose parent exists; `*` steps into each entry of a list or a map."""
    step, *rest = path
    if step == "*":
        for each in node if isinstance(node, list) else ():
            _set_default(each, tuple(rest), value)
    elif not isinstance(node, dict):
        return
    elif rest:
        _set_default(node.get(step), tuple(rest), value)
    else:
        node.setdefault(step, deepcopy(value))


def _copy_names(body: Object) -> None:
    """Set defaults that follow from another field, and remove what the API server removes."""
    spec = body.get("spec")
    if body.get("kind") == "Service" and isinstance(spec, dict):
        for port in spec.get("ports") or []:
            port.setdefault("targetPort", port.get("port"))
        if spec.get("sessionAffinity") == "ClientIP":
            spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    pod = get_path(
        body, tuple(_read_table()["pod templates"].get(body.get("kind"), "-").split("."))
    )
    if not isinstance(pod, dict):
        return
    if pod.get("serviceAccount") == pod.get("serviceAccountName"):
        pod.pop("serviceAccount", None)  # the old name of the field
    for container in (*(pod.get("initContainers") or ()), *(pod.get("containers") or ())):
        container.setdefault("imagePullPolicy", _get_policy(str(container.get("image"))))
        for entry in container.get("env") or ():
            if entry.get("value") == "":
                del entry["value"]


def _get_policy(image: str) -> str:
    """Return the default of imagePullPolicy for an image."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"


@cache
def _read_schema_file(name: str) -> Any:
    path = CRDS.parent / name
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def read_schema(body: Object) -> Any:
    """Return the schema of a custom resource; empty if schemas/crds has none."""
    group, _, version = str(body.get("apiVersion")).rpartition("/")
    return _read_schema_file(f"{group}_{str(body.get('kind')).lower()}_{version}.json")


def _fill(value: Any, schema: Any) -> None:
    """Set the defaults of a CRD's schema in the maps of a custom resource, in place."""
    if not isinstance(schema, Mapping):
        return
    if isinstance(value, list):
        for each in value:
            _fill(each, schema.get("items"))
    if isinstance(value, dict):
        known = schema.get("properties") or {}
        for key, inner in known.items():
            if key not in value and isinstance(inner, Mapping) and "default" in inner:
                value[key] = deepcopy(inner["default"])
        for key, child in value.items():
            _fill(child, known.get(key, schema.get("additionalProperties")))
