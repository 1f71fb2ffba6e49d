"""Adds an entry to a map or list in YAML, or to a table or section in Markdown, as text.

All other lines of the file, comments included, stay as they are.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from carbon.errors import CarbonError


@dataclass(frozen=True)
class Entry:
    """A text to add to a file of the checkout.

    `under` is the path of a map or list in YAML, or the start of the first line of a table (`|`) or
    section (`#`) in Markdown.
    """

    file: Path
    under: Sequence[str] | str
    text: str


def insert(content: str, entry: Entry) -> str:
    """Return the content of a file with an entry after the last item of its map, list or table.

    Raises:
        CarbonError: the file has no such map, list or table.
    """
    lines = content.splitlines(keepends=True)
    if isinstance(entry.under, str):
        at, indent = _find_end(lines, entry), 0
    else:
        node = _find_node(yaml.compose(content, yaml.CSafeLoader), entry)
        at, indent = _find_last_line(lines, node), node.start_mark.column
    text = textwrap.indent(entry.text, " " * indent)
    return "".join([*lines[:at], text, *lines[at:]])


def _find_end(lines: list[str], entry: Entry) -> int:
    """Return the number of lines up to the end of a table or section."""
    starts = [number for number, line in enumerate(lines) if line.startswith(str(entry.under))]
    if not starts:
        raise CarbonError(
            f"{entry.file}: no line starts with {str(entry.under)!r}",
            f"Add the table or section to {entry.file}.",
        )
    at = starts[0] + 1
    if entry.under[0] == "|":
        while at < len(lines) and lines[at].startswith("|"):
            at += 1
        return at
    while at < len(lines) and not lines[at].startswith("#"):
        at += 1
    while not lines[at - 1].strip():
        at -= 1
    return at


def _find_node(node: yaml.Node | None, entry: Entry) -> yaml.Node:
    for key in entry.under:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        path = ".".join(entry.under) or "the file"
        raise CarbonError(
            f"{entry.file}: {path} is not a map or list with one item a line",
            f"Write each item of {path} on a line of its own.",
        )
    return node


def _find_last_line(lines: list[str], node: yaml.Node) -> int:
    """Return the number of lines up to the end of the last value in a map or list."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.line + (node.end_mark.column > 0)
    while not lines[end - 1].strip():  # a text of several lines ends where the next key starts
        end -= 1
    return end
