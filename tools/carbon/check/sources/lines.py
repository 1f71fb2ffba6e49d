"""Finds the line of a template or a YAML file that the report of an error names."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile
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


def count_line(text: str, at: int) -> int:
    """Return the line of a position in a text, from 1."""
    return text.count("\n", 0, at) + 1


def split_place(what: str) -> tuple[str, int, str]:
    """Return the file, the line and the message of an error such as `values.yaml:3: not YAML`.

    Without a line in the error, the line is 1; without a place, the message is the whole error.
    """
    place, _, message = what.partition(": ")
    file, _, line = place.rpartition(":")
    return (file, int(line), message) if line.isdigit() else (place, 1, message or what)


def find_text(path: Path, text: str) -> int:
    """Return the number of the first line of a file that contains a text; 1 without one."""
    numbered = enumerate(_read_lines(path), 1)
    return next((number for number, line in numbered if text in line), 1)


def find_similar(path: Path, text: str) -> int:
    """Return the line of a template that has the most text in common with a rendered line."""
    best, most = 1, 0
    for number, line in enumerate(_read_lines(path), 1):
        parts = [part.strip() for part in _ACTION.split(line)]
        common = sum(len(part) for part in parts if part and part in text)
        if common > most:
            best, most = number, common
    return best


def find_query(path: Path, query: str) -> int:
    """Return the first line of a query in a source of dashboards, or else the most similar line."""
    lines, wanted = _read_lines(path), " ".join(query.split())
    for number, line in enumerate(lines, 1):
        indent, key, rest = line.partition("expr:")
        if key and re.fullmatch(r" [>|]-?", rest):
            deeper = re.compile(rf"\s{{{len(indent) + 1}}}")
            block = takewhile(deeper.match, lines[number:])
            if " ".join(" ".join(block).split()) == wanted:
                return number + 1
        elif key and wanted in rest.replace("''", "'"):
            return number
    return find_similar(path, query)


def find_below(path: Path, text: str, line: int) -> int:
    """Return the first line at or below `line` that contains a text; `line` without one."""
    numbered = enumerate(_read_lines(path)[line - 1 :], line)
    return next((number for number, each in numbered if text in each), line)


def find_in_yaml(path: Path, keys: Sequence[Any]) -> int:
    """Return the line of the last key or index of a path that a YAML file contains."""
    try:
        return find_in_yaml_text(path.read_text("utf-8"), keys)
    except OSError:
        return 1


def find_in_yaml_text(text: str, keys: Sequence[Any]) -> int:
    """Return the line of the last key or index of a path that a YAML text contains."""
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return 1
    line = 0
    for key in keys:
        child = None
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, child = name.start_mark.line, value
        elif isinstance(node, yaml.SequenceNode) and str(key).isdigit():
            child = node.value[int(key)] if int(key) < len(node.value) else None
            line = child.start_mark.line if child is not None else line
        if child is None:
            break
        node = child
    return line + 1


def find_repeated_keys(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and description of each key that a map of a YAML file has a second time."""
    try:
        nodes = [yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)]
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return  # chart/readable reports the file
    for node in nodes:  # the loop also visits the nodes that it adds
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        lines: dict[str, int] = {}
        for key, _ in pairs:
            line = key.start_mark.line + 1
            if key.value != "<<" and (first := lines.setdefault(str(key.value), line)) != line:
                yield line, f"the key {key.value} is already in line {first}"
        inner = [value for _, value in pairs]
        inner += node.value if isinstance(node, yaml.SequenceNode) else []
        nodes += [each for each in inner if each not in nodes]  # an anchor can contain itself


def find_template(chart: Chart, source: str) -> Path:
    """Return the file of a template that Helm names as `254carbon/charts/mlflow/templates/…`.

    Links are resolved. If `source` is empty, the file is the chart's Chart.yaml.
    """
    if not source:
        return chart.folder / "Chart.yaml"
    return (chart.folder / source.partition("/")[2]).resolve()


def find_quote(chart: Chart, source: str, text: str, words: str) -> tuple[Path, int] | None:
    """Return the file and line of some words in a rendered text, such as a script.

    The file is the one whose whole content is the rendered text, or else the first file or template
    of the chart that contains the words. `source` is the template as Helm names it.
    """
    folder = find_template(chart, source[: source.find("/templates/") + 1]) if source else None
    files = _list_texts(folder or chart.folder)
    same = [(path, lines) for path, lines in files if "\n".join(lines).strip() == text.strip()]
    for path, lines in same or files:
        for at, line in enumerate(lines, 1):
            if words in line:
                return path, at
    return None


def _list_texts(folder: Path) -> list[tuple[Path, tuple[str, ...]]]:
    """Return the lines of the files and templates of a chart and of its libraries."""
    libraries = [path for path in (folder / "charts").glob("*") if _is_library(path)]
    paths = [
        path
        for each in (folder, *libraries)
        for inner in ("files", "templates")
        for path in sorted((each.resolve() / inner).rglob("*"))
        if path.is_file()
    ]
    return [(path, _read_lines(path)) for path in paths]


def _is_library(folder: Path) -> bool:
    return "type: library" in _read_lines(folder / "Chart.yaml")
