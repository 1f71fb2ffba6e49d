"""Texts and keys that one schema accepts and another refuses."""

import re
from functools import cache
from typing import Any

from carbon.charts.generate.names import is_refused
from carbon.check.random_values.generator import TEXTS, ValueGenerator

TRIES = 300
"""Number of random texts of a pattern that are tried with another pattern."""
LONGEST = 200
"""Length of the longest random text, where a schema sets none."""
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
    for text in (*TEXTS, *(generator.generate(schema) for _ in range(TRIES))):
        known = old is None or re.search(old, text)
        if known and least <= len(text) <= most and not re.search(new, text):
            return str(text)
    return None


def find_key(old: Any, new: Any) -> str | None:
    """Return a key that only the old schema of a map accepts; None if none is found."""
    names = (name for name in KEYS if _is_key(old, name) and not _is_key(new, name))
    return next(names, None)


def _is_key(schema: Any, name: str) -> bool:
    """Return whether a schema accepts a key, whatever the value."""
    if name in schema.get("properties", {}):
        return not is_refused(schema["properties"][name])
    known = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, name)]
    return (
        not any(map(is_refused, known))
        if known
        else schema.get("additionalProperties") is not False
    )
