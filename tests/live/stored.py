"""Compares an object with the object that the API server stores for it."""

import json
from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object

Fields = dict[str, Any]
"""The fields below a path that a manager owns (fieldsV1 of metadata.managedFields)."""


def list_added(given: Object, stored: Object) -> list[str]:
    """Return the fields that the API server adds to lists that the rendered object owns as a whole.

    In a list with keys, such as containers, a manager owns single fields of each element: fieldsV1
    has an entry `k:{…}` for each element. Any other list it owns as a whole: the entry of the list
    is empty. If the API server adds a field inside such a list, GitOps tools report a difference.
    """
    managers = stored["metadata"]["managedFields"]
    [manager] = [each for each in managers if each["operation"] == "Apply"]
    return list(_compare(given, stored, manager["fieldsV1"], False, ""))


def _compare(given: Any, stored: Any, owned: Fields, whole: bool, path: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(stored, dict):
        for key, value in stored.items():
            field = f"{path}.{key}"
            if key in given:
                fields = owned.get(f"f:{key}", {})
                replaced = isinstance(value, list) and f"f:{key}" in owned and not fields
                yield from _compare(given[key], value, fields, whole or replaced, field)
            elif whole and value not in (None, {}):
                yield field
    elif isinstance(given, list) and isinstance(stored, list):
        for i, (one, other) in enumerate(zip(given, stored, strict=False)):
            yield from _compare(one, other, _find_element(owned, other), whole, f"{path}[{i}]")


def _find_element(owned: Fields, element: Any) -> Fields:
    """Return the owned fields of an element of a list with keys."""
    for key, fields in owned.items():
        kind, _, text = key.partition(":")
        if kind == "k" and json.loads(text).items() <= element.items():
            return {name: each for name, each in fields.items() if name != "."}
    return {}
