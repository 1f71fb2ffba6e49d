"""Replaces `propertyNames` in a schema, because Helm reports a wrong path for this keyword.

The library by which Helm checks values, github.com/santhosh-tekuri/jsonschema v6.0.3, reports a
name at a path that later checks overwrite (`verr.InstanceLocation = vd.vloc` in validator.go, a
slice without a copy). It copies the path of all other keywords.
"""

import re
from collections.abc import Iterator
from typing import Any

from carbon.charts.generate.fragments import MARK, Schema
from carbon.errors import CarbonError

EXAMPLES = "x-names"
"""A keyword of this project: examples of names, which `carbon check --deep` uses as keys."""
_KNOWN = {"type", "pattern", "maxLength", "not", "examples", "description", MARK}
_REFUSED = {"type": "null"}
"""Schema of the entry of a name that a map must not have. Helm reports "got string, want null"."""


def restate_names(node: Any, at: str = "") -> None:
    """Replace, in place, each `propertyNames` by `patternProperties` that accept the same maps.

    Raises:
        CarbonError: patterns can't express `propertyNames`; the message names the path.
    """
    if isinstance(node, list):
        for i, each in enumerate(node):
            restate_names(each, f"{at}/{i}")
    if not isinstance(node, dict):
        return
    for key, child in node.items():
        restate_names(child, f"{at}/{key}")
    names = node.get("propertyNames")
    if not isinstance(names, dict) or "type" not in node:
        return  # no keyword, but a property of that name
    del node["propertyNames"]
    _check(names, node, at)
    node["patternProperties"] = {pattern: dict(_REFUSED) for pattern in _list_refused(names)}
    if "pattern" in names or "maxLength" in names:
        accepted = names.get("pattern") or f"^.{{0,{names['maxLength']}}}$"
        node["patternProperties"][accepted] = node.get("additionalProperties", {})
        node["additionalProperties"] = False
    if names.get("examples"):
        node[EXAMPLES] = names["examples"]


def _list_refused(names: Schema) -> Iterator[str]:
    """Yield patterns of names to refuse although `pattern` accepts them.

    These are the names longer than `maxLength`, and those in `not.enum`.
    """
    if "pattern" in names and "maxLength" in names:
        yield f"^.{{{names['maxLength'] + 1}}}"
    if "not" in names:
        yield f"^({'|'.join(map(re.escape, names['not']['enum']))})$"


def _check(names: Schema, node: Schema, at: str) -> None:
    unknown = {*names} - _KNOWN | {*(names.get("not") or {})} - {"enum"}
    declared = [k for k in node.get("properties") or {} if re.search(names.get("pattern", ""), k)]
    if unknown or "patternProperties" in node or declared:
        raise CarbonError(
            f"{at}/propertyNames can't be written as patternProperties",
            "In propertyNames, write only pattern, maxLength and not.enum. The pattern must match "
            "none of the names in properties. Remove patternProperties from the same schema.",
        )


def is_refused(schema: Any) -> bool:
    """Return whether an entry of `patternProperties` refuses the names that match its pattern."""
    return bool(schema == _REFUSED)


def get_entry_schema(node: Schema) -> Any:
    """Return the schema of the entries of a map that `properties` does not list.

    If the map accepts no such entry, the result is False or None.
    """
    patterns = (node.get("patternProperties") or {}).values()
    accepted = [each for each in patterns if not is_refused(each)]
    more = node.get("additionalProperties")
    return accepted[0] if accepted and not more else more
