"""Finds the line of a template or a YAML file that the report of an error names."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from carbon.charts.discovery import Chart

_ACTION = re.compile(r"\{\{.*?\}\}")


@cache
def _read_lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()


def find_in_template(path: Path, keys: Sequence[str], kind: str = "") -> int:
    """Return the line of the last key of a path that a template contains.

    Fields that a helper renders have no line; the nearest key above them has. `kind` skips lines up
    to the object of that kind.
    """
    lines = _read_lines(path)
    at = _find_after(lines, 0, re.compile(rf"^kind:\s*{re.escape(kind)}\b")) if kind else None
    begin = at if at is not None else 0
    best = begin
    for key in keys:
        name, is_name, value = key.partition("=")
        pattern = rf"\b{name}:\s*[\"']?{re.escape(value)}\b" if is_name else rf"\b{re.escape(key)}:"
        found = _find_after(lines, best if best != begin else 0, re.compile(pattern))
        best = found if found is not None else best
    return best + 1


def _find_after(lines: Sequence[str], start: int, pattern: re.Pattern[str]) -> int | None:
    return next((i for i in range(start, len(lines)) if pattern.search(lines[i])), None)


def find_similar(path: Path, text: str) -> int:
    """Return the line of a template that has the most text in common with a rendered line."""
    best, most = 1, 0
    for number, line in enumerate(_read_lines(path), 1):
        parts = [part.strip() for part in _ACTION.split(line)]
        common = sum(len(part) for part in parts if part and part in text)
        if common > most:
            best, most = number, common
    return best


def find_in_yaml(path: Path, keys: Sequence[Any]) -> int:
    """Return the line of the last key, index or `name=x` of a path that a YAML file contains."""
    return _follow(path, keys)[0] + 1


def contains_path(path: Path, keys: Sequence[Any]) -> bool:
    """Return whether a YAML file contains the whole path."""
    return _follow(path, keys)[1] == len(keys)


def _follow(path: Path, keys: Sequence[Any]) -> tuple[int, int]:
    """Return the line of the last key that a YAML file contains, and the number of keys."""
    try:
        node = yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)
    except (OSError, yaml.YAMLError):
        return 0, 0
    line = 0
    for at, key in enumerate(keys):
        child = None
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, child = name.start_mark.line, value
        elif isinstance(node, yaml.SequenceNode):
            child = _find_entry(node, str(key))
            line = child.start_mark.line if child is not None else line
        if child is None:
            return line, at
        node = child
    return line, len(keys)


def _find_entry(node: yaml.SequenceNode, key: str) -> Any:
    """Return the entry of a list with an index, or with a name as `name=x`."""
    if key.isdigit():
        return node.value[int(key)] if int(key) < len(node.value) else None
    for entry in node.value if key.startswith("name=") else ():
        for name, value in entry.value if isinstance(entry, yaml.MappingNode) else ():
            if (name.value, value.value) == ("name", key.removeprefix("name=")):
                return entry
    return None


def find_template(chart: Chart, source: str) -> Path:
    """Return the file of a template that Helm names as `254carbon/charts/mlflow/templates/…`.

    Links are resolved. Without a name, the file is the chart's Chart.yaml.
    """
    if not source:
        return chart.folder / "Chart.yaml"
    return (chart.folder / source.partition("/")[2]).resolve()
