"""Edits the text of a YAML file: a key moves or is deleted, and all other text stays as it is.

A key moves with the comments above it. A result that is not the expected data is refused, so that
an unusual layout, such as an anchor whose alias stays behind, never changes other values.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from carbon.check.findings import KeyPath
from carbon.files import parse_documents
from carbon.upgrade.migration.plan import Edit, Values, apply_edit, find_emptied

Node = Any  # yaml has no types
_WIDTH = 10**6
_COMMENT = re.compile(r"\s*#")


class LayoutError(ValueError):
    """The layout of a file does not allow an edit."""


@dataclass(frozen=True)
class _Pair:
    """A key and its value in a map."""

    parent: Node
    position: int

    @property
    def key(self) -> Node:
        return self.parent.value[self.position][0]

    @property
    def value(self) -> Node:
        return self.parent.value[self.position][1]


def edit_text(text: str, values: Values, edit: Edit) -> str:
    """Return the text of a YAML file after an edit of its values.

    Raises:
        LayoutError: the layout of the file does not allow the edit.
    """
    wanted = apply_edit(values, edit)
    for literal in (True, False):
        try:
            result = _Editor(text, literal).edit(values, edit)
            if (parse_documents(result) or [None])[0] in (wanted, wanted or None):
                return result
        except (yaml.YAMLError, LayoutError, IndexError):
            continue
    shared = any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, yaml.SafeLoader))
    cause = "aliases (*) in the file do" if shared else "the layout of the file does"
    raise LayoutError(f"{cause} not allow the edit")


class _Editor:
    def __init__(self, text: str, literal: bool) -> None:
        self._text = text if text.endswith("\n") else f"{text}\n"
        self._lines = self._text.splitlines(keepends=True)
        self._root = yaml.compose(self._text, yaml.SafeLoader)
        self._literal = literal
        """True to copy the text of a value into a flow map, False to write the value as JSON."""
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def edit(self, values: Values, edit: Edit) -> str:
        source = self._find(edit.source)
        removed = self._find(find_emptied(apply_target(values, edit), edit.source))
        start, end = self._find_span(removed)
        if not edit.target:
            return self._text[:start] + self._text[end:]
        place, added = self._write(values, edit, source, removed)
        if start < place < end:
            place = end
        if place >= end:
            return self._text[:start] + self._text[end:place] + added + self._text[place:]
        return self._text[:place] + added + self._text[place:start] + self._text[end:]

    def _find(self, path: KeyPath) -> _Pair:
        node, pair = self._root, None
        for key in path:
            if not isinstance(node, yaml.MappingNode):
                raise LayoutError
            pair = next(
                (_Pair(node, i) for i, (k, _) in enumerate(node.value) if k.value == key), None
            )
            if pair is None:
                raise LayoutError
            node = pair.value
        if pair is None:
            raise LayoutError
        return pair

    def _find_span(self, pair: _Pair) -> tuple[int, int]:
        """Return where a pair starts and ends in the text, with its comma or the comments above."""
        if pair.parent.flow_style:
            if pair.position + 1 < len(pair.parent.value):
                following = pair.parent.value[pair.position + 1][0]
                return pair.key.start_mark.index, following.start_mark.index
            if pair.position:
                before = pair.parent.value[pair.position - 1][1]
                return before.end_mark.index, pair.value.end_mark.index
            return pair.key.start_mark.index, pair.value.end_mark.index
        first, last = self._find_lines(pair)
        return self._offset(first), self._offset(last + 1)

    def _find_lines(self, pair: _Pair) -> tuple[int, int]:
        """Return the first line of a pair in block style, comments above included, and the last.

        Comments at the top of the file are about the file, and not about its first key.
        """
        mark = pair.key.start_mark
        if self._lines[mark.line][: mark.column].strip():
            raise LayoutError  # the key follows the dash of a list
        first = mark.line
        while first and re.match(rf" {{{mark.column}}}#", self._lines[first - 1]):
            first -= 1
        if first == 0:
            first = mark.line
        return first, self._find_last(pair)

    def _find_last(self, pair: _Pair) -> int:
        """Return the last line of a pair in block style."""
        node = pair.value
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            entry = node.value[-1]
            if isinstance(entry, tuple):
                return self._find_last(_Pair(node, len(node.value) - 1))
            return self._find_last(_Pair(yaml.MappingNode("", [(pair.key, entry)]), 0))
        mark = node.end_mark
        last: int = mark.line
        if mark.column == 0 and last > pair.key.start_mark.line:
            last -= 1  # a block scalar ends at the start of the next line
        while not self._lines[last].strip():
            last -= 1
        return last

    def _offset(self, line: int) -> int:
        return sum(map(len, self._lines[:line]))

    def _write(self, values: Values, edit: Edit, source: _Pair, removed: _Pair) -> tuple[int, str]:
        """Return where the moved key is inserted, and its text there."""
        node: Node = self._root
        known = 0
        while known < len(edit.target) - 1 and isinstance(node, yaml.MappingNode):
            below = [v for k, v in node.value if k.value == edit.target[known]]
            if not below:
                break
            node, known = below[0], known + 1
        if not isinstance(node, yaml.MappingNode):
            raise LayoutError
        missing = edit.target[known:]
        if node.flow_style or not node.value:
            return self._write_flow(node, missing, values, edit, source)
        column: int = node.value[0][0].start_mark.column
        last = self._find_last(_Pair(node, len(node.value) - 1))
        lines = [f"{' ' * (column + 2 * i)}{_quote(k)}:" for i, k in enumerate(missing[:-1])]
        inner = column + 2 * len(lines)
        lines = [f"{line}{self._newline}" for line in lines]
        return self._offset(last + 1), "".join(
            [*lines, *self._write_block(source, removed, missing[-1], inner)]
        )

    def _write_flow(
        self, node: Node, missing: KeyPath, values: Values, edit: Edit, source: _Pair
    ) -> tuple[int, str]:
        value = self._text[source.value.start_mark.index : source.value.end_mark.index]
        if not self._literal or "\n" in value:
            found: Any = values
            for key in edit.source:
                found = found[key]
            dumped = yaml.safe_dump([found], default_flow_style=True, width=_WIDTH)
            value = dumped.strip()[1:-1]
        for key in reversed(missing[1:]):
            value = f"{{{_quote(key)}: {value}}}"
        place = node.end_mark.index - 1
        inside = self._text[node.start_mark.index + 1 : place].rstrip()
        comma = ", " if inside and not inside.endswith(",") else ""
        return place - (len(self._text[:place]) - len(self._text[:place].rstrip())), (
            f"{comma}{_quote(missing[0])}: {value}"
        )

    def _write_block(self, source: _Pair, removed: _Pair, name: str, column: int) -> list[str]:
        """Return the lines of a pair in block style, at another column and under another name."""
        if source.parent.flow_style:
            start, end = source.value.start_mark.index, source.value.end_mark.index
            if "\n" in (value := self._text[start:end]):
                raise LayoutError
            return [f"{' ' * column}{_quote(name)}: {value}{self._newline}"]
        first, last = self._find_lines(source)
        mark = source.key.start_mark
        shift = column - mark.column
        head = self._lines[mark.line]
        line = " " * column + _quote(name) + head[source.key.end_mark.column :]
        above = [*self._list_comments(removed, first, last), *self._lines[first : mark.line]]
        comments = [f"{' ' * column}{each.strip()}{self._newline}" for each in above]
        return [
            *comments,
            line,
            *(_indent(each, shift) for each in self._lines[mark.line + 1 : last + 1]),
        ]

    def _list_comments(self, removed: _Pair, first: int, last: int) -> list[str]:
        """Return the comments of the maps that vanish with a key, except those of the key."""
        if removed.parent.flow_style:
            return []
        begin, end = self._find_lines(removed)
        outside = [*self._lines[begin:first], *self._lines[last + 1 : end + 1]]
        found = []
        for line in outside:
            if match := re.search(r"(?:^|:)\s+(#.*)|^(#.*)", line):
                found.append(match[1] or match[2])
        return found


def apply_target(values: Values, edit: Edit) -> Values:
    """Return values with the moved key in its new place too."""
    if not edit.target:
        return values
    *parents, name = edit.target
    copy = dict(values)
    node = copy
    for key in parents:
        node[key] = dict(node.get(key) or {})
        node = node[key]
    node[name] = None
    return copy


def _quote(key: str) -> str:
    return str(yaml.safe_dump([key], default_flow_style=True, width=_WIDTH)).strip()[1:-1]


def _indent(line: str, shift: int) -> str:
    if shift >= 0:
        return " " * shift + line if line.strip() else line
    return line[min(-shift, len(line) - len(line.lstrip(" "))) :]
