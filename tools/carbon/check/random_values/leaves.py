"""Finds every key of a schema that can be set alone, and sets it in given values.

A path has `*` in place of the name of a map's entry, or of the number of a list's item.
"""

from collections.abc import Iterator
from typing import Any

from carbon.charts.generate.names import get_entry_schema
from carbon.charts.merging import merge
from carbon.check.sources.schema_tree import KeyPath, Schema

ENTRY = "*"


def list_leaves(node: Schema, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Schema]]:
    """Yield every key below which the schema lists no keys, with its path and its schema."""
    keys = dict(node.get("properties") or {})
    entry = node["items"] if "items" in node else get_entry_schema(node)
    if isinstance(entry, dict) and entry.get("properties"):
        keys[ENTRY] = entry
    for key, child in keys.items():
        yield from list_leaves(child, (*at, key))
    if not keys:
        yield at, node


def read_values(values: Any, path: KeyPath) -> Iterator[Any]:
    """Yield the values of a key: one, or one for each entry of the maps and lists on its path."""
    if not path:
        yield values
    elif path[0] == ENTRY:
        for entry in values.values() if isinstance(values, dict) else values or ():
            yield from read_values(entry, path[1:])
    elif isinstance(values, dict) and path[0] in values:
        yield from read_values(values[path[0]], path[1:])


def is_set(values: Any, path: KeyPath) -> bool:
    """Return whether values have a key, in at least one entry of each map and list."""
    return any(True for _ in read_values(values, path))


def set_value(values: Any, path: KeyPath, value: Any) -> Any:
    """Return what to merge into values to set a key, in each entry of the maps and lists."""
    if not path:
        return value
    if path[0] != ENTRY:
        inner = values.get(path[0]) if isinstance(values, dict) else None
        return {path[0]: set_value(inner, path[1:], value)}
    if isinstance(values, dict):
        return {name: set_value(entry, path[1:], value) for name, entry in values.items()}
    set_items = [set_value(item, path[1:], value) for item in values or ()]
    return [merge(item, each) for item, each in zip(values or (), set_items, strict=True)]
