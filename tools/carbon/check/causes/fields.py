"""Fields of an object: finds the exact path of the keys that a rule names, and reads values."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

Step = str | int
Path = tuple[Step, ...]
_INDEX = re.compile(r"\[?(\d+)\]?")


def resolve(body: Any, keys: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """Return the exact path of the last key that an object has, and the keys that are missing.

    Keys may leave out steps between them: each is the nearest field of that name below the one
    before. `name=x` is the list entry whose name is x.
    """
    path: Path = ()
    node = body
    for at, key in enumerate(keys):
        found = _find_below(node, key)
        if found is None:
            return path, tuple(keys[at:])
        path = (*path, *found)
        node = read(node, found)
    return path, ()


def _find_below(node: Any, key: str) -> Path | None:
    """Return the path of the nearest field with a given key; the search is breadth first."""
    field, is_entry, value = key.partition("=")
    number = _INDEX.fullmatch(key)
    ahead: deque[tuple[Path, Any]] = deque([((), node)])
    while ahead:
        path, here = ahead.popleft()
        if isinstance(here, dict):
            if not is_entry and key in here:
                return (*path, key)
            if is_entry and path and isinstance(path[-1], int) and str(here.get(field)) == value:
                return path
            ahead += [((*path, name), child) for name, child in here.items()]
        elif isinstance(here, list):
            if number and not path and int(number[1]) < len(here):
                return (int(number[1]),)
            ahead += [((*path, i), child) for i, child in enumerate(here)]
    return None


def read(body: Any, path: Path) -> Any:
    """Return the value at an exact path; None if the object has no such field."""
    for step in path:
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list):
            body = body[step] if isinstance(step, int) and step < len(body) else None
        else:
            return None
    return body


def is_scalar(value: Any) -> bool:
    """Return whether a value is a text, a number or a boolean."""
    return isinstance(value, str | int | float | bool)


def iterate_scalars(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each text, number and boolean with its path."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from iterate_scalars(child, (*path, str(key)))
    elif isinstance(node, list):
        for at, child in enumerate(node):
            yield from iterate_scalars(child, (*path, at))
    elif is_scalar(node):
        yield path, node


def iterate_nodes(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each map and list with its path."""
    if isinstance(node, dict | list):
        yield path, node
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in pairs:
            yield from iterate_nodes(child, (*path, key))


def replace_values(node: Any, changes: dict[Path, Any], path: Path = ()) -> Any:
    """Return the values of a values file that sets the changed values.

    Maps have only the keys with a change. A list with a change has all entries, because Helm
    replaces lists.
    """
    if path in changes:
        return changes[path]
    if isinstance(node, dict):
        below = {str(k): v for k, v in node.items() if _leads(changes, (*path, str(k)))}
        return {key: replace_values(child, changes, (*path, key)) for key, child in below.items()}
    if isinstance(node, list):
        return [
            replace_values(child, changes, (*path, at)) if _leads(changes, (*path, at)) else child
            for at, child in enumerate(node)
        ]
    return node


def _leads(changes: dict[Path, Any], path: Path) -> bool:
    return any(changed[: len(path)] == path for changed in changes)
