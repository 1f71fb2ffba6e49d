"""The defaults of CRDs: what the API server adds to the lists of a custom resource.

A patch of a custom resource replaces each list as a whole, so GitOps tools report each default that
the API server adds inside a list as a difference.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from carbon.charts.kubernetes import CRDS
from carbon.charts.render import Object


def list_added(body: Object) -> list[tuple[str, str]]:
    """Return field and value, as JSON, of each default that the API server adds in a list."""
    group, _, version = str(body.get("apiVersion")).rpartition("/")
    name = f"{group}_{str(body.get('kind')).lower()}_{version}.json"
    schema = _read_schema(CRDS.parent / name)
    return [(field, json.dumps(value)) for field, value in _compare(body, schema, "", False)]


@cache
def _read_schema(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _compare(value: Any, schema: Any, path: str, in_list: bool) -> Iterator[tuple[str, Any]]:
    if not isinstance(schema, dict):
        return
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from _compare(each, schema.get("items"), f"{path}[{i}]", True)
    if not isinstance(value, dict):
        return
    known = schema.get("properties") or {}
    for key, child in value.items():
        inner = known.get(key, schema.get("additionalProperties"))
        yield from _compare(child, inner, f"{path}.{key}" if path else key, in_list)
    for key, inner in known.items() if in_list else ():
        if key not in value and isinstance(inner, dict) and "default" in inner:
            yield f"{path}.{key}", inner["default"]
