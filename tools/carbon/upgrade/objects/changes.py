"""The fields in which two objects differ, with the path of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbon.check.findings import KeyPath

MERGE_KEYS = ("name", "containerPort", "port", "mountPath", "devicePath", "key", "ip", "type")
"""The keys by which Kubernetes merges lists of maps; the first that all entries have counts."""


@dataclass(frozen=True)
class Change:
    """A field that differs: None stands for a missing field."""

    path: KeyPath
    old: Any
    new: Any

    @property
    def is_added(self) -> bool:
        """True if only the new object has the field."""
        return self.old is None

    @property
    def is_removed(self) -> bool:
        """True if only the old object has the field."""
        return self.new is None


def list_changes(old: Any, new: Any, path: KeyPath = ()) -> Iterator[Change]:
    """Yield the fields that differ, each at the deepest path that both sides share.

    An entry of a list has the path `key=value` if all entries have different values of a merge
    key, otherwise its position.
    """
    if old == new and type(old) is type(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from list_changes(old.get(key), new.get(key), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_entries(old, new, path)
    elif old != new:
        yield Change(path, old, new)


def _list_entries(old: list[Any], new: list[Any], path: KeyPath) -> Iterator[Change]:
    key = find_merge_key(old, new)
    if key:
        before, after = ({f"{key}={e[key]}": e for e in side} for side in (old, new))
        for name in dict.fromkeys((*before, *after)):
            yield from list_changes(before.get(name), after.get(name), (*path, name))
    elif len(old) == len(new):
        for index, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from list_changes(one, two, (*path, str(index)))
    else:
        yield Change(path, old, new)


def find_merge_key(*lists: list[Any]) -> str:
    """Return the key that identifies each entry of each list; empty if there is none."""
    entries = [entry for each in lists for entry in each]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        return ""
    for key in MERGE_KEYS:
        if all(isinstance(e.get(key), str | int) for e in entries) and all(
            len({e[key] for e in each}) == len(each) for each in lists
        ):
            return key
    return ""


def iterate_leaves(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each value that is neither a map nor a list, and each empty one, with its path."""
    if isinstance(node, dict) and node:
        for key, child in node.items():
            yield from iterate_leaves(child, (*path, str(key)))
    elif isinstance(node, list) and node:
        key = find_merge_key(node)
        for index, child in enumerate(node):
            yield from iterate_leaves(child, (*path, f"{key}={child[key]}" if key else str(index)))
    else:
        yield path, node


def get_path(node: Any, path: KeyPath) -> Any:
    """Return the value at a path; None if the path leads to nothing."""
    for step in path:
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list):
            node = _get_entry(node, step)
        else:
            return None
    return node


def _get_entry(node: list[Any], step: str) -> Any:
    key, found, value = step.partition("=")
    if not found:
        return node[int(step)] if step.isdecimal() and int(step) < len(node) else None
    return next((e for e in node if isinstance(e, dict) and str(e.get(key)) == value), None)
