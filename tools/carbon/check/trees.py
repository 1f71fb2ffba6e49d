"""Walks through nested maps and lists, such as objects and values."""

from collections.abc import Iterator
from typing import Any


def iterate_maps(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every map at any depth, an outer one before those in it."""
    if isinstance(node, list):
        for each in node:
            yield from iterate_maps(each)
    elif isinstance(node, dict):
        yield node
        for child in node.values():
            yield from iterate_maps(child)


def iterate_texts(node: Any) -> Iterator[str]:
    """Yield every text at any depth, without the keys of maps."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from iterate_texts(child)


def iterate_entries(node: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield each entry of a list with its path, which ends with `name=x` if the entry has a name.

    A node that is no list has no entries.
    """
    for each in node if isinstance(node, list) else ():
        name = each.get("name") if isinstance(each, dict) else None
        yield each, (*path, f"name={name}") if name else path
