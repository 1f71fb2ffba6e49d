"""Reads compiled schemas, and finds the keys in them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
KeyPath = tuple[str, ...]


def read_schema(path: Path) -> Schema:
    """Return a compiled schema; an empty one if the file does not exist."""
    found: Schema = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def iterate_leaves(node: Schema, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Schema]]:
    """Yield every key whose schema lists no further keys, with its path."""
    for key, child in (node.get("properties") or {}).items():
        if isinstance(child, dict) and child.get("properties"):
            yield from iterate_leaves(child, (*at, key))
        elif isinstance(child, dict):
            yield (*at, key), child


def iterate_examples(node: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every example in a schema with the path of its key."""
    if not isinstance(node, dict):
        return
    if at:
        yield from ((at, example) for example in node.get("examples") or [])
    for key, child in (node.get("properties") or {}).items():
        yield from iterate_examples(child, (*at, key))


def iterate_undescribed(node: Schema, at: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield every key of a values.schema.yaml without a description and without a `$ref`."""
    for key, child in node.get("properties", {}).items():
        if isinstance(child, str):
            continue  # the `$ref` of a map of properties
        if "properties" in child:
            yield from iterate_undescribed(child, (*at, key))
        elif "description" not in child and "$ref" not in child:
            yield (*at, key)


def find_subschema(schema: Schema, path: KeyPath) -> Schema | None:
    """Return the schema of a key; None if the schema does not list the key."""
    node: Any = schema
    for key in path:
        node = (node.get("properties") or {}).get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None
