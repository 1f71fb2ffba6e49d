"""Texts and keys that one schema accepts and another refuses."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from carbon.charts.generate.names import is_refused
from carbon.check.random_values.generator import TEXTS, ValueGenerator

TRIES = 300
"""Number of random texts of a pattern that are tried with another pattern."""
LONGEST = 200
"""Length of the longest random text, where a schema sets none."""
LINES = "a\nb"
"""A text of several lines, which is tried where a schema accepts any text."""
KEYS = (
    *("name", "other-name", "other.name", "name1", "example.com/name", "UPPER", "snake_case"),
    *("x" * 21, "x" * 41, "x" * 64, "x" * 254, "true", "1", *TEXTS),
)
"""Keys that are tried with maps whose keys are patterns."""


@cache
def find_text(old: str | None, least: int, most: int, new: str) -> str | None:
    """Return a text that one pattern accepts and the other refuses; None if none is found."""
    schema = {"type": "string", "minLength": least, "maxLength": most}
    schema |= {"pattern": old} if old is not None else {}
    generator = ValueGenerator(0)
    for text in (*TEXTS, LINES, *(generator.generate(schema) for _ in range(TRIES))):
        known = old is None or re.search(old, text)
        if known and least <= len(text) <= most and not re.search(new, text):
            return str(text)
    return None


def list_keys(*schemas: Any) -> Iterator[str]:
    """Yield keys to try with maps: usual keys, and random ones of each pattern of the schemas."""
    patterns: list[str] = []
    for schema in schemas:
        patterns += schema.get("patternProperties", {})
        names = schema.get("propertyNames")
        patterns += [names["pattern"]] if isinstance(names, dict) and "pattern" in names else []
    yield from KEYS
    for pattern in dict.fromkeys(patterns):
        yield from _list_texts(pattern)


@cache
def _list_texts(pattern: str) -> tuple[str, ...]:
    """Return random texts that match a pattern, without a length that a schema sets."""
    schema = {"type": "string", "pattern": pattern, "maxLength": LONGEST}
    generator = ValueGenerator(0)
    return tuple(dict.fromkeys(str(generator.generate(schema)) for _ in range(TRIES // 6)))


def is_key(schema: Any, name: str) -> bool:
    """Return whether the schema of a map accepts a key, whatever the value."""
    applied = list_applied(schema, name)
    named = name in schema.get("properties", {})
    if False in applied or (not named and any(map(is_refused, applied))):
        return False
    return is_valid(schema.get("propertyNames", True), name)


def list_applied(schema: Any, name: str) -> list[Any]:
    """Return the schemas that the value of a key must satisfy."""
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    found = [known[name]] if name in known else []
    found += [each for pattern, each in patterns.items() if re.search(pattern, name)]
    return found or [schema.get("additionalProperties", True)]


def is_valid(schema: Any, value: Any) -> bool:
    """Return whether a schema accepts a value."""
    if schema is True:
        return True
    from jsonschema import Draft7Validator  # loads slowly

    return bool(Draft7Validator(schema).is_valid(value))
