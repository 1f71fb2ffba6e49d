"""Renders with changed templates and values, which show where a field comes from."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from carbon.check.causes import fields, marks
from carbon.check.causes.copies import Copies
from carbon.check.causes.marks import Occurrence
from carbon.check.causes.values import Leaf
from carbon.check.render.objects import RenderedObject

T = TypeVar("T")
Marked = dict[str, list[tuple[fields.Path, Occurrence]]]
"""Kind/name of an object -> its marked fields, each with the occurrence that renders it."""
MOST = 80
"""Maximum number of occurrences that are changed; with more, the origin is not known."""


class Tracer:
    """Finds the origins of rendered fields: the values and templates that they come from."""

    def __init__(self, copies: Copies, values: Any) -> None:
        self.copies = copies
        self._values = values
        self._marked: dict[tuple[str, str], Marked] = {}

    def read_texts(self, source: str) -> dict[Path, str]:
        """Return the templates that a template can include, by file."""
        paths = self.copies.list_templates(source)
        return {path: path.read_text("utf-8", errors="replace") for path in paths}

    def find_leaf(self, leaves: Sequence[Leaf], name: str, path: fields.Path) -> Leaf | None:
        """Return the leaf of the values whose change changes a field of an object."""
        value = fields.read(self.copies.base[name].body, path)

        def render(some: Sequence[Leaf]) -> dict[str, RenderedObject] | None:
            changes = {leaf.path: marks.distinguish(leaf.value, i) for i, leaf in enumerate(some)}
            return self.copies.render(values=fields.replace_values(self._values, changes))

        return self._find(leaves, render, name, path, value)

    def find_all(self, leaves: Sequence[Leaf], name: str, path: fields.Path) -> list[Leaf]:
        """Return the leaves of the values whose texts a text of an object contains."""
        if not leaves or len(leaves) > MOST:
            return []
        changes = {leaf.path: marks.distinguish(leaf.value, i) for i, leaf in enumerate(leaves)}
        objects = self.copies.render(values=fields.replace_values(self._values, changes))
        text = fields.read(objects[name].body, path) if objects and name in objects else ""
        numbers = dict.fromkeys(int(n) for n in re.findall(rf"{marks.VALUE_MARK}(\d+)", str(text)))
        return [leaves[number] for number in numbers if number < len(leaves)]

    def render_change(self, leaf: Leaf, other: Any = None) -> dict[str, RenderedObject] | None:
        """Return the objects with another value of a leaf of the values."""
        changes = {leaf.path: marks.distinguish(leaf.value, 0) if other is None else other}
        return self.copies.render(values=fields.replace_values(self._values, changes))

    def find_quoted_key(self, source: str, name: str, path: fields.Path) -> Occurrence | None:
        """Return the quoted key in an action, such as in `dict`, whose change changes a field."""
        key, texts = str(path[-1]), self.read_texts(source)
        value = fields.read(self.copies.base[name].body, path)

        def render(some: Sequence[Occurrence]) -> dict[str, RenderedObject] | None:
            return self.copies.render(marks.mark_values(texts, some, key))

        return self._find(marks.find_quoted_keys(texts, key), render, name, path, value)

    def find_occurrence(
        self, texts: dict[Path, str], found: Sequence[Occurrence], name: str, path: fields.Path
    ) -> Occurrence | None:
        """Return the occurrence in a template whose change changes a field of an object."""
        value = fields.read(self.copies.base[name].body, path)

        def render(some: Sequence[Occurrence]) -> dict[str, RenderedObject] | None:
            return self.copies.render(marks.mark_values(texts, some, value))

        one = self._find(found, render, name, path, value)
        return one or self._find(found, render, name, path, value, may_rename=True)

    def _find(
        self,
        some: Sequence[T],
        render: Callable[[Sequence[T]], dict[str, RenderedObject] | None],
        name: str,
        path: fields.Path,
        value: Any,
        may_rename: bool = False,
    ) -> T | None:
        """Return the candidate (a leaf or an occurrence) that a field comes from, or None.

        With `may_rename`, that is also a candidate whose change gives the object another name.

        All candidates change in one render. If Helm refuses this render, each half changes in a
        render of its own.
        """
        if not some or len(some) > MOST:
            return None
        objects = render(some)
        if objects is not None and name in objects:
            new = fields.read(objects[name].body, path)
            if new == value:
                return None
            number = marks.read_number(value, new)
            if number is not None:
                return some[number] if number < len(some) else None
        if len(some) == 1:
            return some[0] if objects is not None and (may_rename or name in objects) else None
        half = len(some) // 2
        rest = (render, name, path, value, may_rename)
        first = self._find(some[:half], *rest)
        return self._find(some[half:], *rest) if first is None else first

    def mark(self, source: str, key: str) -> Marked:
        """Return the fields with a key, by object, each with the occurrence that renders it."""
        texts = self.read_texts(source)
        place = "\0".join(map(str, texts))
        if (place, key) not in self._marked:
            found = marks.find_keys(texts, [key])
            self._marked[place, key] = dict(self._render_marked(texts, found))
        return self._marked[place, key]

    def _render_marked(
        self, texts: dict[Path, str], found: Sequence[Occurrence]
    ) -> Iterator[tuple[str, list[tuple[fields.Path, Occurrence]]]]:
        if not found:
            return
        objects = self.copies.render(marks.mark_keys(texts, found))
        if objects is not None:
            for name, obj in objects.items():
                yield name, list(marks.read_marks(obj.body, found))
        elif len(found) > 1:
            half = len(found) // 2
            both = [dict(self._render_marked(texts, part)) for part in (found[:half], found[half:])]
            for name in both[0].keys() | both[1].keys():
                yield name, [*both[0].get(name, ()), *both[1].get(name, ())]
