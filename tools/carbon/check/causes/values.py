"""Finds the values that a rendered field may come from, and the file and line that set each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.generate.names import get_entry_schema
from carbon.check.causes import fields
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import read_schema
from carbon.errors import CarbonError
from carbon.files import read_yaml

_AMOUNT = re.compile(r"(\d+)([a-zA-Z%]*)")
SHORTEST = 3
"""Minimum length of a text that is searched in longer texts."""


@dataclass(frozen=True)
class Leaf:
    """One text, number, boolean, map or list of the values."""

    path: fields.Path
    value: Any

    def find(self, chart: Chart, files: Sequence[Path]) -> tuple[Path, int]:
        """Return the file and the line that set the value."""
        return find_value(chart, files, self.path)


def find_value(chart: Chart, files: Sequence[Path], path: fields.Path) -> tuple[Path, int]:
    """Return the file and the line that set a value: a values file, or the chart's defaults.

    `files` are the values files of the render; the last file with the key wins. Without one, the
    result is in the chart's values.yaml, or in that of a subchart if only the latter has the key.
    """
    for file in reversed(files):
        if _has(file, path):
            return file, find_in_yaml(file, path)
    own = chart.folder / "values.yaml"
    if not _has(own, path):
        for inner in sorted((chart.folder / "charts").glob("*/Chart.yaml")):
            below = path if path[:1] == ("global",) else path[1:]
            key = _find_key(chart, inner.parent.name)
            if path[:1] in {("global",), (key,)} and below:
                there = find_value(read_chart(inner.parent.resolve()), (), below)
                if _has(there[0], below):
                    return there
    return own, find_in_yaml(own, path)


def _find_key(chart: Chart, name: str) -> str:
    """Return the key of a subchart in the values of its parent."""
    return next((key for key, each in chart.dependencies.items() if each == name), name)


def _has(file: Path, path: fields.Path) -> bool:
    try:
        return fields.read(read_yaml(file), path) is not None
    except CarbonError:
        return False


def list_scalars(chart: Chart, source: str, values: Any, value: Any) -> list[Leaf]:
    """Return the leaves of values that equal `value`, and that a template can read.

    `source` is the template as Helm names it, `values` are all values of the render.
    """
    reads = _list_readable(chart, source)
    return [
        Leaf(path, each)
        for path, each in fields.iterate_scalars(values)
        if isinstance(each, bool) == isinstance(value, bool)
        and str(each) == str(value)
        and (not reads or path[0] in reads)
    ]


def list_contained(chart: Chart, source: str, values: Any, value: str) -> list[Leaf]:
    """Return the texts of values that a longer text contains, and that a template can read."""
    reads = _list_readable(chart, source)
    return [
        Leaf(path, each)
        for path, each in fields.iterate_scalars(values)
        if isinstance(each, str)
        and SHORTEST <= len(each) < len(value)
        and each in value
        and (not reads or path[0] in reads)
    ]


def list_maps(chart: Chart, source: str, values: Any, path: fields.Path, value: Any) -> list[Leaf]:
    """Return the maps and lists of values that equal a field, and that a template can read.

    A map must have the same key as the field. An entry of a list may be in any list.
    """
    reads = _list_readable(chart, source)
    return [
        Leaf(there, each)
        for there, each in fields.iterate_nodes(values)
        if there
        and each == value
        and isinstance(there[-1], int) == isinstance(path[-1], int)
        and (isinstance(path[-1], int) or there[-1] == path[-1])
        and (not reads or there[0] in reads)
    ]


def _list_readable(chart: Chart, source: str) -> set[str]:
    """Return the top-level keys of values that a template can read; empty for all keys."""
    parts = source.split("/")
    return {_find_key(chart, parts[2]), "global"} if parts[1:2] == ["charts"] else set()


def list_others(value: Any) -> list[Any]:
    """Return other values of the same type, which may end a violation.

    Zero and the empty text are left out, because they often disable a feature.
    """
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value * 2, 1]
    if (amount := _AMOUNT.fullmatch(str(value))) is not None:
        return [f"{int(amount[1]) * 2}{amount[2]}", "1", "500m", "1Gi"]
    return [f"{value}-other", "other"] if isinstance(value, str) else []


def is_chosen(chart: Chart, path: fields.Path) -> bool:
    """Return whether the schema of a chart allows only a boolean or an enum at a path."""
    schema: Any = read_schema(chart.folder / "values.schema.json")
    for key in path:
        properties = schema.get("properties") or {}
        more = schema.get("items") if isinstance(key, int) else get_entry_schema(schema)
        schema = properties.get(key, more)
        if not isinstance(schema, dict):
            return False
    return "enum" in schema or schema.get("type") == "boolean"
