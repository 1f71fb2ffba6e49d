"""Custom resources whose CRDs the cluster must know."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object, identity
from carbon.check.findings import KeyPath
from carbon.check.render.apis import OWN_GROUPS, get_group
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import iterate_leaves
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.objects.normalize import read_schema

_KUBERNETES = {"template", "env", "envFrom", "resources", "securityContext", "volumeMounts"}
_ENDS = {"metadata", "labels", "annotations", "matchLabels", "nodeSelector", *_KUBERNETES}
"""Keys below which the fields are those of Kubernetes itself, or chosen by the user."""


def find_crd_changes(comparison: Comparison) -> Iterator[Finding]:
    """Yield each kind, version and field of a custom resource that only the new version uses."""
    old = list(filter(_is_custom, comparison.old))
    kinds = {_get_kind(body) for body in old}
    versions = {str(body["apiVersion"]) + "/" + str(body["kind"]) for body in old}
    fields: dict[str, set[KeyPath]] = {}
    for pair in comparison.pairs:
        if pair.old and _is_custom(pair.old):
            fields.setdefault(_get_kind(pair.old), set()).update(_list_fields(pair.old))
    seen: set[object] = set()
    for pair in comparison.pairs:
        if not pair.after or not _is_custom(pair.after):
            continue
        body, kind = pair.after, _get_kind(pair.after)
        version = f"{body['apiVersion']}/{body['kind']}"
        if kind not in kinds:
            if kind not in seen:
                yield _report(body, ("kind",), f"is of the kind {kind}", kind)
        elif version not in versions:
            if version not in seen:
                yield _report(body, ("apiVersion",), f"is of version {version}", version)
        else:
            for path in sorted(_list_fields(pair.new) - fields[kind]):
                if (kind, path) not in seen:
                    yield _report(body, path, "sets the field", None)
                seen.add((kind, path))
        seen |= {kind, version}


def _report(body: Object, path: KeyPath, what: str, new: Any) -> Finding:
    field = "" if new else f".{'.'.join(path)}"
    command = (
        f"kubectl explain {str(body['kind']).lower()}{field} --api-version={body['apiVersion']}"
    )
    return Finding(
        "crd/known",
        Severity.PERSON,
        identity(body),
        path,
        f"{what}, which no object of the old version does",
        "A cluster whose CRD lacks it refuses the object or drops the field. Helm does not update "
        "CRDs.",
        f"Run `{command}`. If it fails, update the operator and its CRDs before the upgrade.",
        new=new,
    )


def _is_custom(body: Object) -> bool:
    return get_group(str(body.get("apiVersion"))) not in OWN_GROUPS


def _get_kind(body: Object) -> str:
    return f"{body.get('kind')}.{get_group(str(body.get('apiVersion')))}"


def _list_fields(body: Object) -> set[KeyPath]:
    """Return the fields of a normalized custom resource.

    Positions in lists and free keys of maps do not count.
    """
    schema = read_schema(body)
    own = {key: child for key, child in body.items() if key not in ("metadata", "status")}
    return {path for leaf, _ in iterate_leaves(own) if (path := _simplify(leaf, schema))}


def _simplify(path: KeyPath, schema: Any) -> KeyPath:
    found: list[str] = []
    for step in path:
        known = schema if isinstance(schema, dict) else {}
        if "items" in known and ("=" in step or step.isdecimal()):
            schema = known["items"]
            continue
        if step in _ENDS:
            return (*found, step)
        if "properties" in known and step not in known["properties"]:
            return (*found, step)
        found.append(step)
        if "properties" not in known:
            if known.get("additionalProperties") is not None:
                return tuple(found[:-1])
            schema = {}
        else:
            schema = known["properties"][step]
    return tuple(found)
