"""The template line of a field: keys and values of templates are marked, and appear in renders.

A copy of the templates has a number after each occurrence of a key. The number after the key in a
rendered object names the line that renders the field. In the same way, each occurrence of a value
becomes a value of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.check.causes import fields
from carbon.check.sources.lines import count_line
from carbon.check.sources.templates import ACTION

MARK = "__at"
VALUE_MARK = "zzat"
"""The mark in values, which names of objects may contain."""
_MARKED = re.compile(rf"(.*){MARK}(\d+)", re.S)
_FIRST_NUMBER = 41000
"""The first occurrence of a number becomes this number, the next occurrence the next number."""
NEVER = {"name", "kind", "metadata", "apiVersion", "namespace"}
"""Keys that are not marked, because they identify an object in the other renders."""


@dataclass(frozen=True)
class Occurrence:
    """One occurrence of a text in a template."""

    file: Path
    start: int
    end: int
    line: int


Texts = dict[Path, str]


def find_keys(texts: Mapping[Path, str], keys: Iterable[str]) -> list[Occurrence]:
    """Return the occurrences of keys in the YAML of templates, outside of actions."""
    names = "|".join(re.escape(key) for key in sorted(set(keys) - NEVER, key=len, reverse=True))
    if not names:
        return []
    pattern = re.compile(rf"(?<![\w./$-])(?:{names})(?=\"?:(?:\s|$))")
    return [
        Occurrence(path, match.start(), match.end(), count_line(text, match.start()))
        for path, text in texts.items()
        for start, end in _find_literals(text)
        for match in pattern.finditer(text, start, end)
    ]


def _find_literals(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each piece of a template outside of actions."""
    at = 0
    for action in ACTION.finditer(text):
        yield at, action.start()
        at = action.end()
    yield at, len(text)


def find_values(texts: Mapping[Path, str], value: Any) -> list[Occurrence]:
    """Return the occurrences of a text or a number in templates, also in actions."""
    pattern = re.compile(rf"(?<![\w./-]){re.escape(str(value))}(?![\w/-]|\.\w)")
    return [
        Occurrence(path, match.start(), match.end(), count_line(text, match.start()))
        for path, text in texts.items()
        for match in pattern.finditer(text)
    ]


def find_quoted_keys(texts: Mapping[Path, str], key: str) -> list[Occurrence]:
    """Return the occurrences of a key as a quoted text in the actions of templates."""
    if key in NEVER:
        return []
    pattern = re.compile(rf'(?<="){re.escape(key)}(?=")')
    return [
        Occurrence(path, match.start(), match.end(), count_line(text, match.start()))
        for path, text in texts.items()
        for action in ACTION.finditer(text)
        for match in pattern.finditer(text, action.start(), action.end())
    ]


def mark_keys(texts: Mapping[Path, str], found: Sequence[Occurrence]) -> Texts:
    """Return the changed files, with a mark after each occurrence of a key."""
    return _rewrite(texts, found, lambda number, text: f"{text}{MARK}{number}")


def mark_values(texts: Mapping[Path, str], found: Sequence[Occurrence], value: Any) -> Texts:
    """Return the changed files, with a value of its own for each occurrence of a value."""
    return _rewrite(texts, found, lambda number, _: str(distinguish(value, number)))


def distinguish(value: Any, number: int) -> Any:
    """Return another value of the same type for each number."""
    if isinstance(value, dict):
        return value | {f"{VALUE_MARK}{number}": ""}
    if isinstance(value, list):
        return [*value, {"name": f"{VALUE_MARK}{number}"}]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _FIRST_NUMBER + number
    text = str(value)
    return str(_FIRST_NUMBER + number) if text.isdigit() else f"{text}{VALUE_MARK}{number}"


def read_number(value: Any, marked: Any) -> int | None:
    """Return the number that `distinguish` put into a value; None if there is none."""
    if isinstance(value, bool) or marked is None:
        return None
    text = str(marked)
    if str(value).isdigit():
        number = int(text) - _FIRST_NUMBER if text.isdigit() else -1
        return number if number >= 0 else None
    found = re.search(rf"{VALUE_MARK}(\d+)", text)
    return int(found[1]) if found else None


def _rewrite(
    texts: Mapping[Path, str], found: Sequence[Occurrence], change: Callable[[int, str], str]
) -> Texts:
    changed: Texts = {}
    by_place = sorted(enumerate(found), key=lambda each: -each[1].start)
    for number, each in by_place:
        text = changed.get(each.file, texts[each.file])
        new = change(number, text[each.start : each.end])
        changed[each.file] = text[: each.start] + new + text[each.end :]
    return changed


def read_marks(
    node: Any, found: Sequence[Occurrence], path: fields.Path = ()
) -> Iterator[tuple[fields.Path, Occurrence]]:
    """Yield each marked field of a rendered object: its path without marks, and its occurrence."""
    if isinstance(node, dict):
        for key, child in node.items():
            marked = _MARKED.fullmatch(str(key))
            below = (*path, marked[1] if marked else str(key))
            if marked and int(marked[2]) < len(found):
                yield below, found[int(marked[2])]
            yield from read_marks(child, found, below)
    elif isinstance(node, list):
        for at, child in enumerate(node):
            yield from read_marks(child, found, (*path, at))
