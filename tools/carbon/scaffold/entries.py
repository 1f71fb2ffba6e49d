"""Adds an entry to a map or list in YAML, or a table or section in Markdown, and removes it.

All other lines of the file, comments included, stay as they are.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from carbon.errors import CarbonError
from carbon.scaffold.texts import Rename, rename_lines


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
        if lines[at - 1].startswith("#"):
            return "".join([*lines[:at], "\n", entry.text, *lines[at:]])
    else:
        node = _find_node(yaml.compose(content, yaml.CSafeLoader), entry)
        at, indent = _find_last_line(lines, node), node.start_mark.column
    text = textwrap.indent(entry.text, " " * indent)
    return "".join([*lines[:at], text, *lines[at:]])


def remove(content: str, entry: Entry) -> str:
    """Return the content of a file without an entry, and without edits of the entry in YAML.

    Markdown with an edited entry stays as it is.
    """
    if isinstance(entry.under, str):
        before, _, after = content.partition(entry.text)
        was_empty = before.endswith("\n\n") and after.startswith("\n")
        return before + after.removeprefix("\n" if was_empty else "")
    lines = content.splitlines(keepends=True)
    node = _find_node(yaml.compose(content, yaml.CSafeLoader), entry)
    added = yaml.compose(entry.text, yaml.CSafeLoader)
    spans = [_find_span(lines, node, name) for name in _list_names(added)]
    for start, end in sorted(filter(None, spans), reverse=True):
        del lines[start:end]
    return "".join(lines)


def rename(content: str, old: Entry, new: Entry, replace: Rename) -> str:
    """Return the content of a file with an entry for the new name in place of the old entry.

    Edits of the entry stay, with the new name in place of the old one.
    """
    lines = content.splitlines(keepends=True)
    if isinstance(old.under, str):
        if old.text in content:
            return content.replace(old.text, new.text, 1)
        start, end = _find_start(lines, old), _find_end(lines, old)
        return "".join([*lines[:start], *map(replace, lines[start:end]), *lines[end:]])
    node = _find_node(yaml.compose(content, yaml.CSafeLoader), old)
    indent = " " * node.start_mark.column
    before, after = (textwrap.indent(each.text, indent) for each in (old, new))
    added = yaml.compose(old.text, yaml.CSafeLoader)
    spans = [_find_span(lines, node, name) for name in _list_names(added)]
    for start, end in sorted(filter(None, spans), reverse=True):
        lines[start:end] = [rename_lines("".join(lines[start:end]), before, after, replace)]
    return "".join(lines)


def _list_names(node: yaml.Node | None) -> list[str]:
    """Return the keys of a map, or the values of `name` of the maps in a list."""
    if isinstance(node, yaml.MappingNode):
        return [key.value for key, _ in node.value]
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    pairs = [pair for item in items for pair in item.value]
    return [value.value for key, value in pairs if key.value == "name"]


def _find_span(lines: list[str], node: yaml.Node, name: str) -> tuple[int, int] | None:
    """Return the first line of an item and the line after it.

    Comments and a blank line before the item are part of it.
    """
    for item in node.value:
        key, value = item if isinstance(item, tuple) else (item, item)
        names = _list_names(yaml.SequenceNode("", [item])) if key is item else [key.value]
        if name in names:
            start, end = key.start_mark.line, _find_last_line(lines, value)
            while lines[start - 1].lstrip().startswith("#"):
                start -= 1
            return start - (not lines[start - 1].strip()), end
    return None


def _find_start(lines: list[str], entry: Entry) -> int:
    """Return the number of lines before a table or section."""
    starts = [number for number, line in enumerate(lines) if line.startswith(str(entry.under))]
    if not starts:
        raise CarbonError(
            f"{entry.file}: no line starts with {str(entry.under)!r}",
            f"Add the table or section to {entry.file}.",
        )
    return starts[0]


def _find_end(lines: list[str], entry: Entry) -> int:
    """Return the number of lines up to the end of a table or section."""
    at = _find_start(lines, entry) + 1
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
