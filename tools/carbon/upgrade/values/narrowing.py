"""Values that the old version accepts and the new one refuses: an exact walk over both schemas.

The rules are those of crdify for CRDs: a key or type that vanishes, a new required key, an enum or
a bound that is added or made narrower, and a map that is closed. A required key with a default is
no change for a user, since Helm adds the default first.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from carbon.check.findings import KeyPath
from carbon.upgrade.values.limits import (
    LIMITS,
    Narrowing,
    compare_bounds,
    compare_types,
    compare_words,
    list_types,
)
from carbon.upgrade.values.samples import is_key, list_applied, list_keys

Schema = Any
_ASSERTIONS = {
    *("properties", "patternProperties", "required", "items", "additionalProperties"),
    *("anyOf", "oneOf", "allOf", *LIMITS),
}
"""Keywords that refuse values."""
_SHOWN = 20
"""Maximum length of a key that is shown as an example."""
ANY = "*"
"""The step of a path that stands for each key of an open map, or each entry of a list."""


def list_narrowings(
    old: Schema, new: Schema, defaults: Any, path: KeyPath = ()
) -> Iterator[Narrowing]:
    """Yield each place where the new schema refuses values that the old schema accepts.

    `defaults` are the default values of the new version at this place.
    """
    if new is True or old is False or _is_equal(old, new):
        return
    if new is False:
        yield Narrowing(path, "removed", "is no longer accepted")
        return
    old, new = ({} if schema is True else schema for schema in (old, new))
    if not _ASSERTIONS & old.keys():
        if _ASSERTIONS & new.keys():
            yield Narrowing(path, "described", "accepted any value, and now follows a schema")
        return
    if "const" in old or "enum" in old:
        yield from compare_words(old, new, path)
        return
    for name in ("anyOf", "oneOf"):
        if name in old and name not in new:
            for branch in _split(old, name):
                yield from list_narrowings(branch, new, defaults, path)
            return
    yield from _compare_branches(old, new, defaults, path)
    yield from compare_types(old, new, path)
    yield from compare_bounds(old, new, path)
    types = list_types(old) & list_types(new)
    if "object" in types:
        yield from _compare_maps(old, new, defaults, path)
    if "array" in types and "items" in new:
        yield from list_narrowings(old.get("items", True), new["items"], None, (*path, ANY))


def _is_equal(old: Schema, new: Schema) -> bool:
    """Return whether two schemas are equal; Python's True equals 1, and False equals 0."""
    return old == new and json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _compare_maps(old: Schema, new: Schema, defaults: Any, path: KeyPath) -> Iterator[Narrowing]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for key in dict.fromkeys((*before, *after)):
        below = defaults.get(key) if isinstance(defaults, dict) else None
        yield from _compare_key(old, new, key, below, (*path, key))
    for key in new.get("required", ()):
        given = isinstance(defaults, dict) and defaults.get(key) is not None
        if key not in old.get("required", ()) and not given:
            yield Narrowing((*path, key), "required-added", "is required")
    rest, new_rest = (schema.get("additionalProperties", True) for schema in (old, new))
    if any({"patternProperties", "propertyNames"} & schema.keys() for schema in (old, new)):
        yield from _compare_patterns(old, new, path)
    elif rest is not False and new_rest is False:
        yield Narrowing(path, "closed", "no longer accepts other keys", None, False)
    elif rest is not False:
        yield from list_narrowings(rest, new_rest, None, (*path, ANY))


def _compare_key(
    old: Schema, new: Schema, key: str, defaults: Any, path: KeyPath
) -> Iterator[Narrowing]:
    """Compare what both schemas require of a key that one of them names."""
    given, wanted = list_applied(old, key), list_applied(new, key)
    if not is_key(old, key):
        return
    if False in wanted:
        yield Narrowing(path, "removed", "is no longer accepted")
        return
    named = key in old.get("properties", {}), key in new.get("properties", {})
    matched = wanted != [new.get("additionalProperties", True)]
    if named == (True, False) and not matched:
        yield Narrowing(path, "ignored", "is no longer a known key, and has no effect")
    yield from _compare_applied(given, wanted, defaults, path)


def _compare_applied(
    given: Sequence[Schema], wanted: Sequence[Schema], defaults: Any, path: KeyPath
) -> Iterator[Narrowing]:
    """Compare the schemas that a value satisfied before with those that it must satisfy now."""
    for schema in wanted:
        found = [list(list_narrowings(each, schema, defaults, path)) for each in given]
        if all(found):
            yield from found[0]


def _compare_patterns(old: Schema, new: Schema, path: KeyPath) -> Iterator[Narrowing]:
    """Compare maps whose keys are patterns, by an example of each combination of patterns."""
    known = {**old.get("properties", {}), **new.get("properties", {})}
    seen: set[object] = set()
    for name in list_keys(old, new):
        if name in known or not is_key(old, name):
            continue
        given, wanted = list_applied(old, name), list_applied(new, name)
        pair = (*map(id, given), None, *map(id, wanted)) if is_key(new, name) else None
        if pair in seen:
            continue
        seen.add(pair)
        if pair is None:
            shown = f"of {len(name)} characters" if len(name) > _SHOWN else f"such as {name!r}"
            what = f"no longer accepts keys {shown}"
            patterns = (list(schema.get("patternProperties", {})) or None for schema in (old, new))
            yield Narrowing(path, "keys-changed", what, *patterns)
        else:
            yield from _compare_applied(given, wanted, None, (*path, ANY))


def _compare_branches(
    old: Schema, new: Schema, defaults: Any, path: KeyPath
) -> Iterator[Narrowing]:
    """Compare anyOf, oneOf and allOf: each old branch needs a new branch that accepts as much."""
    for name in ("anyOf", "oneOf"):
        if (after := new.get(name)) is None or old.get(name) == after:
            continue
        for branch in _split(old, name):
            if not any(not list(list_narrowings(branch, each, defaults, path)) for each in after):
                yield Narrowing(path, "condition-changed", f"has other branches ({name})")
    known = old.get("allOf", [])
    for branch in new.get("allOf", []):
        if branch not in known and list(list_narrowings(old, branch, defaults, path)):
            yield Narrowing(path, "condition-changed", "has another condition (allOf)")


def _split(schema: Schema, name: str) -> list[Schema]:
    """Return schemas of which each value satisfies at least one: the branches, or the types."""
    rest = {key: child for key, child in schema.items() if key != name}
    if name in schema:
        return [{**rest, **each} if isinstance(each, dict) else each for each in schema[name]]
    types = schema.get("type")
    return [{**rest, "type": each} for each in types] if isinstance(types, list) else [rest]


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
