"""Values that the old version accepts and the new one refuses: an exact walk over both schemas.

The rules are those of crdify for CRDs: a key or type that vanishes, a new required key, an enum or
a bound that is added or made narrower, and a map that is closed. A required key with a default is
no change for a user, since Helm adds the default first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carbon.charts.generate.names import is_refused
from carbon.check.findings import KeyPath
from carbon.upgrade.values.samples import LONGEST, find_key, find_text

Schema = Any
_ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OPAQUE = ("not", "if", "then", "else", "multipleOf", "format", "contains", "propertyNames")
"""Keywords whose change can refuse old values in ways that this walk does not compute."""
_ASSERTIONS = {
    *("type", "enum", "const", "pattern", "properties", "patternProperties", "required", "items"),
    *("additionalProperties", "anyOf", "oneOf", "allOf", *_LEAST, *_MOST, *_OPAQUE),
}
"""Keywords that refuse values."""
ANY = "*"
"""The step of a path that stands for each key of an open map, or each entry of a list."""


@dataclass(frozen=True)
class Narrowing:
    """A place where the new schema refuses what the old schema accepts, or is silent about it."""

    path: KeyPath
    kind: str
    """The rule, such as enum-removed."""
    what: str
    old: Any = None
    new: Any = None


def list_narrowings(
    old: Schema, new: Schema, defaults: Any, path: KeyPath = ()
) -> Iterator[Narrowing]:
    """Yield each place where the new schema refuses values that the old schema accepts.

    `defaults` are the default values of the new version at this place.
    """
    if old == new or new is True or old is False:
        return
    if new is False:
        yield Narrowing(path, "removed", "is no longer accepted")
        return
    old, new = ({} if schema is True else schema for schema in (old, new))
    if not _ASSERTIONS & old.keys():
        if _ASSERTIONS & new.keys():
            yield Narrowing(path, "described", "accepted any value, and now follows a schema")
        return
    yield from _compare_branches(old, new, defaults, path)
    yield from _compare_types(old, new, path)
    yield from _compare_words(old, new, path)
    yield from _compare_bounds(old, new, path)
    types = list_types(old) & list_types(new)
    if "object" in types:
        yield from _compare_maps(old, new, defaults, path)
    if "array" in types and "items" in new:
        yield from list_narrowings(old.get("items", True), new["items"], None, (*path, ANY))


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


def _compare_types(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    gone = list_types(old) - list_types(new)
    if gone and _list_words(old) is None:
        names = " or ".join(sorted(gone - ({"integer"} if "number" in gone else set())))
        kind = "type-changed" if "type" in old else "type-added"
        yield Narrowing(path, kind, f"no longer accepts {names}", old.get("type"), new.get("type"))


def _compare_words(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    before, after = _list_words(old), _list_words(new)
    if after is not None and before is None:
        yield Narrowing(path, "enum-added", "accepts a list of words only", None, after)
    elif after is not None and before is not None:
        for word in before:
            if not any(word == other and type(word) is type(other) for other in after):
                yield Narrowing(path, "enum-removed", f"no longer accepts {word!r}", before, after)
    elif before is not None:
        for word in before:
            if _get_type(word) not in list_types(new):
                yield Narrowing(path, "type-changed", f"no longer accepts {word!r}", before)


def _compare_bounds(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    for name in (*_LEAST, *_MOST):
        before, after = old.get(name), new.get(name)
        if after is None or _is_implied(name, after):
            continue
        if before is None:
            yield Narrowing(path, "bound-added", f"has a new {name}", None, after)
        elif after > before if name in _LEAST else after < before:
            yield Narrowing(path, "bound-narrowed", f"has a narrower {name}", before, after)
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield Narrowing(path, "bound-added", "refuses repeated entries", False, True)
    if new.get("pattern") not in (None, old.get("pattern")) and _list_words(old) is None:
        yield from _compare_texts(old, new, path)
    for name in _OPAQUE:
        if new.get(name) is not None and old.get(name) != new.get(name):
            yield Narrowing(path, "condition-changed", f"has another condition ({name})")


def _compare_texts(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Yield a narrowing with a text that only the old schema accepts, if one is found."""
    before, after = old.get("pattern"), new["pattern"]
    example = find_text(before, old.get("minLength", 0), old.get("maxLength", LONGEST), after)
    if example is not None:
        kind = "pattern-added" if before is None else "pattern-changed"
        yield Narrowing(path, kind, f"no longer accepts texts such as {example!r}", before, after)


def _is_implied(name: str, value: Any) -> bool:
    return name in ("minLength", "minItems", "minProperties") and value == 0


def _compare_maps(old: Schema, new: Schema, defaults: Any, path: KeyPath) -> Iterator[Narrowing]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for key, schema in before.items():
        if key in after:
            below = defaults.get(key) if isinstance(defaults, dict) else None
            yield from list_narrowings(schema, after[key], below, (*path, key))
        elif _get_rest(new) is False:
            yield Narrowing((*path, key), "removed", "is no longer accepted")
        elif schema is not False:
            yield Narrowing((*path, key), "ignored", "is no longer a known key, and has no effect")
            yield from list_narrowings(schema, _get_rest(new), None, (*path, key))
    for key, schema in after.items():
        if key not in before and _get_rest(old) is not False:
            yield from list_narrowings(_get_rest(old), schema, None, (*path, key))
    for key in new.get("required", ()):
        given = isinstance(defaults, dict) and defaults.get(key) is not None
        if key not in old.get("required", ()) and not given:
            yield Narrowing((*path, key), "required-added", "is required")
    yield from _compare_rest(old, new, path)


def _compare_rest(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Compare what both schemas say about the keys that they do not name."""
    before, after = _get_rest(old), _get_rest(new)
    if old.get("patternProperties") != new.get("patternProperties"):
        yield from _compare_patterns(old, new, path)
    elif before is not False and after is False:
        yield Narrowing(path, "closed", "no longer accepts other keys", None, False)
    elif before is not False:
        yield from list_narrowings(before, after, None, (*path, ANY))


def _compare_patterns(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Compare maps whose keys are patterns: the values below equal patterns, then the rest."""
    before, after = old.get("patternProperties", {}), new.get("patternProperties", {})
    rest, new_rest = _get_rest(old), _get_rest(new)
    for pattern, schema in before.items():
        if pattern in after:
            if not is_refused(after[pattern]):
                yield from list_narrowings(schema, after[pattern], None, (*path, ANY))
        elif new_rest is not False:
            yield from list_narrowings(schema, new_rest, None, (*path, ANY))
    if (name := find_key(old, new)) is not None:
        what = f"no longer accepts keys such as {name!r}"
        yield Narrowing(path, "keys-changed", what, list(before) or None, list(after))
    if rest is not False and new_rest is not False:
        yield from list_narrowings(rest, new_rest, None, (*path, ANY))
    for pattern, schema in after.items():
        if pattern not in before and rest is not False and not is_refused(schema):
            yield from list_narrowings(rest, schema, None, (*path, ANY))


def _get_rest(schema: Schema) -> Schema:
    return schema.get("additionalProperties", True)


def _compare_branches(
    old: Schema, new: Schema, defaults: Any, path: KeyPath
) -> Iterator[Narrowing]:
    """Compare anyOf, oneOf and allOf: each old branch needs a new branch that accepts as much."""
    for name in ("anyOf", "oneOf"):
        if (after := new.get(name)) is None or old.get(name) == after:
            continue
        before = old.get(name) or [{key: child for key, child in old.items() if key != name}]
        for branch in before:
            if not any(not list(list_narrowings(branch, each, defaults, path)) for each in after):
                yield Narrowing(path, "condition-changed", f"has other branches ({name})")
    known = old.get("allOf", [])
    if any(branch not in known for branch in new.get("allOf", [])):
        yield Narrowing(path, "condition-changed", "has another condition (allOf)")


def list_added_keys(old: Schema, new: Schema, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield each key that only the new schema names."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    before, after = old.get("properties", {}), new.get("properties", {})
    for key, schema in after.items():
        if key in before:
            yield from list_added_keys(before[key], schema, (*path, key))
        else:
            yield (*path, key)
    for name in ("items", "additionalProperties"):
        yield from list_added_keys(old.get(name), new.get(name), (*path, ANY))
