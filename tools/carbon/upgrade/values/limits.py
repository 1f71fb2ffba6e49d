"""Limits of the values of one key: its types, words, bounds and patterns in both schemas."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carbon.check.findings import KeyPath
from carbon.upgrade.values.samples import LONGEST, find_text, is_valid

Schema = Any
_ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_SIZES = {
    "minLength": "string",
    "minItems": "array",
    "minProperties": "object",
    "maxLength": "string",
    "maxItems": "array",
    "maxProperties": "object",
}
"""Keyword -> the type whose size it limits."""
_NUMBERS = (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1))
"""The keywords of a bound of numbers, and 1 for the least number or -1 for the greatest."""
_OPAQUE = ("not", "if", "then", "else", "multipleOf", "format", "contains", "propertyNames")
"""Keywords whose change can refuse old values in ways that this module does not compute."""
LIMITS = (
    *("type", "enum", "const", "pattern", "uniqueItems", *_SIZES, *_OPAQUE),
    *(name for row in _NUMBERS for name in row[:2]),
)
"""The keywords that this module compares."""


@dataclass(frozen=True)
class Narrowing:
    """A place where the new schema refuses what the old schema accepts, or is silent about it."""

    path: KeyPath
    kind: str
    """The rule, such as enum-removed."""
    what: str
    old: Any = None
    new: Any = None


def list_types(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema accepts, as far as its keywords say."""
    given = schema.get("type")
    if given is None:
        words = _list_words(schema)
        return _ALL if words is None else frozenset(map(_get_type, words))
    types = frozenset([given] if isinstance(given, str) else given)
    return types | {"integer"} if "number" in types else types


def _get_type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "null" if value is None else "object")


def _list_words(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def compare_words(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Yield each word of the old schema that the new schema refuses."""
    before, after = _list_words(old), _list_words(new)
    for word in before or ():
        if is_valid(old, word) and not is_valid(new, word):
            typed = _get_type(word) in list_types(new) or after is not None
            kind = "enum-removed" if typed else "type-changed"
            yield Narrowing(path, kind, f"no longer accepts {word!r}", before, after)


def compare_types(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Yield a narrowing if the new schema lacks a type, or accepts only some words of a type."""
    before, after = list_types(old), list_types(new)
    gone, words = before - after, _list_words(new)
    if gone == {"number"} and "integer" in after:
        what = "no longer accepts numbers that are not integers"
        yield Narrowing(path, "bound-narrowed", what, old.get("type"), new.get("type"))
    elif gone and (words is None or not before & after):
        names = " or ".join(sorted(gone - ({"integer"} if "number" in gone else set())))
        kind = "type-changed" if "type" in old else "type-added"
        yield Narrowing(path, kind, f"no longer accepts {names}", old.get("type"), new.get("type"))
    elif words is not None and before - {"boolean", "null"}:
        yield Narrowing(path, "enum-added", "accepts a list of words only", None, words)
    elif words is not None:
        for word in ([True, False] if "boolean" in before else []) + [None] * ("null" in before):
            if not is_valid(new, word):
                yield Narrowing(path, "enum-removed", f"no longer accepts {word!r}", None, words)


def compare_bounds(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Yield each bound, pattern and condition of the new schema that is narrower."""
    types = list_types(old) & list_types(new)
    for name, type_ in _SIZES.items():
        if type_ in types and name in new:
            sign = 1 if name.startswith("min") else -1
            least = 0 if sign == 1 else -math.inf
            yield from _compare_bound(old, new, name, sign, least, path)
    if types & {"integer", "number"}:
        yield from _compare_numbers(old, new, "number" not in types, path)
    if "array" in types and new.get("uniqueItems") and not old.get("uniqueItems"):
        yield Narrowing(path, "bound-added", "refuses repeated entries", False, True)
    if "string" in types and new.get("pattern") not in (None, old.get("pattern")):
        yield from _compare_texts(old, new, path)
    for name in _OPAQUE:
        if new.get(name) is not None and old.get(name) != new.get(name):
            yield Narrowing(path, "condition-changed", f"has another condition ({name})")


def _compare_bound(
    old: Schema, new: Schema, name: str, sign: int, least: float, path: KeyPath
) -> Iterator[Narrowing]:
    before, after = old.get(name), new[name]
    if sign * after <= least:
        return
    if before is None:
        yield Narrowing(path, "bound-added", f"has a new {name}", None, after)
    elif sign * after > sign * before:
        yield Narrowing(path, "bound-narrowed", f"has a narrower {name}", before, after)


def _compare_numbers(old: Schema, new: Schema, whole: bool, path: KeyPath) -> Iterator[Narrowing]:
    """Compare the bounds of numbers, of whole numbers if `whole` is true."""
    for inclusive, exclusive, sign in _NUMBERS:
        names = inclusive, exclusive
        before, after = (
            max(_list_bounds(schema, names, sign, whole), default=None) for schema in (old, new)
        )
        if after is None or (before is not None and after[:2] <= before[:2]):
            continue
        name = after[2]
        if before is None:
            yield Narrowing(path, "bound-added", f"has a new {name}", None, new[name])
        else:
            what = f"has a narrower {name}"
            yield Narrowing(path, "bound-narrowed", what, old[before[2]], new[name])


def _list_bounds(
    schema: Schema, names: tuple[str, str], sign: int, whole: bool
) -> Iterator[tuple[float, bool, str]]:
    """Yield each bound, greater if it is narrower, whether it is exclusive, and its keyword."""
    for name in names:
        if name in schema:
            bound, exclusive = sign * schema[name], name == names[1]
            if whole:
                bound, exclusive = math.floor(bound) + 1 if exclusive else math.ceil(bound), False
            yield bound, exclusive, name


def _compare_texts(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Yield a narrowing with a text that only the old schema accepts.

    Without such an example, another pattern is taken for one that accepts as much, a first one not.
    """
    before, after = old.get("pattern"), new["pattern"]
    example = find_text(before, old.get("minLength", 0), old.get("maxLength", LONGEST), after)
    if example is not None:
        kind = "pattern-added" if before is None else "pattern-changed"
        yield Narrowing(path, kind, f"no longer accepts texts such as {example!r}", before, after)
    elif before is None:
        yield Narrowing(path, "pattern-added", "no longer accepts each text", None, after)
