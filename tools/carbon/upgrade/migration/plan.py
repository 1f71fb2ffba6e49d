"""The edits of values by the rules: pure functions over plain data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from carbon.check.findings import KeyPath
from carbon.upgrade.migration.rules import Kind, Rule
from carbon.upgrade.values.narrowing import ANY

Values = dict[str, Any]
_MISSING = object()


@dataclass(frozen=True)
class Edit:
    """A key that moves, or that is deleted."""

    source: KeyPath
    target: KeyPath = ()
    """The new key; empty if the key is deleted."""
    why: str = ""


@dataclass(frozen=True)
class Decision:
    """A key about which a person decides."""

    key: KeyPath
    """The key; empty if the reason names no key."""
    why: str
    """The reason, and what to do."""


def plan_rule(values: Values, rule: Rule) -> Iterator[Edit | Decision]:
    """Yield what a rule changes in values, and what a person must decide."""
    for source, names in _match(values, rule.source):
        if rule.kind == Kind.DECIDE:
            yield Decision(source, rule.why)
        elif rule.kind == Kind.DELETE:
            yield Edit(source, (), rule.why)
        else:
            target = _fill(rule.target, names)
            if get(values, target) == get(values, source):
                yield Edit(source, (), f"{'.'.join(target)} has the same value")
            elif _is_free(values, target):
                yield Edit(source, target)
            else:
                yield Decision(
                    source, f"{'.'.join(target)} replaces this key and is set too; remove one"
                )


def _match(node: Any, pattern: KeyPath, path: KeyPath = ()) -> Iterator[tuple[KeyPath, KeyPath]]:
    """Yield each path in values that a pattern matches, and the keys for its `*`."""
    if len(path) == len(pattern):
        yield path, tuple(key for key, step in zip(path, pattern, strict=True) if step == ANY)
    elif isinstance(node, dict):
        step = pattern[len(path)]
        for key in list(node) if step == ANY else [step]:
            if key in node:
                yield from _match(node[key], pattern, (*path, key))


def _fill(target: KeyPath, names: Iterable[str]) -> KeyPath:
    rest = iter(names)
    return tuple(next(rest) if step == ANY else step for step in target)


def get(values: Any, path: KeyPath) -> Any:
    """Return the value at a path; a value that equals no other if there is none."""
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return _MISSING if path else values
        values = values[key]
    return values


def _is_free(values: Any, path: KeyPath) -> bool:
    """Return whether a key can be added: it is missing, and only maps lead to it."""
    for key in path:
        if not isinstance(values, dict):
            return False
        if key not in values:
            return True
        values = values[key]
    return False


def apply_edit(values: Values, edit: Edit) -> Values:
    """Return values after an edit; maps that it empties are removed."""
    moved = get(values, edit.source)
    if edit.target:
        values = _set(values, edit.target, moved)
    removed: Values = _remove(values, find_emptied(values, edit.source))
    return removed


def find_emptied(values: Values, path: KeyPath) -> KeyPath:
    """Return the key to remove with another key: the topmost map that contains no other key."""
    while len(path) > 1 and len(get(values, path[:-1])) == 1:
        path = path[:-1]
    return path


def _set(node: Values, path: KeyPath, value: Any) -> Values:
    key, *rest = path
    return {**node, key: _set(node.get(key, {}), tuple(rest), value) if rest else value}


def _remove(node: Values, path: KeyPath) -> Values:
    key, *rest = path
    if rest:
        return {**node, key: _remove(node[key], tuple(rest))}
    return {name: child for name, child in node.items() if name != key}
