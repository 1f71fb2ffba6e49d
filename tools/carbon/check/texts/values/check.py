"""Check of the values in Markdown: options that set values, paths of keys, and YAML blocks."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.sources.lines import count_line, find_in_yaml_text
from carbon.check.sources.schema_tree import Schema
from carbon.check.texts.code import Code, find_code, list_documents
from carbon.check.texts.shell import Word, find_commands
from carbon.check.texts.values.helm import HelmCommand, has_placeholder, nest, read_helm
from carbon.check.texts.values.schema_keys import SchemaKeys, is_any_key, split_path

FLAGS = declare(
    "prose/flags",
    "A command in Markdown sets values that the schema accepts, and names files that exist.",
    "Correct the key, the value or the path in the command.",
    house=True,
)
KEYS = declare(
    "prose/keys",
    "A path of values in inline code, such as `mlflow.replicas`, is one of a values schema.",
    "Correct the path. For a value of another project's chart, add an exception to "
    "schemas/exceptions.yaml.",
    house=True,
)
VALUES = declare(
    "prose/values",
    "The schema accepts the values in each YAML block of Markdown.",
    "Correct the key or the value; the README of the chart lists all keys.",
    house=True,
)
_PATH = re.compile(
    r"([\w-]+(?:\[\])?(?:\.(?:[\w-]+|<[\w -]+>|\*)(?:\[\d*\])?)+)(?:(: |=)(.+))?", re.S
)
_FILE = re.compile(r"\.(ya?ml|md|json|py|sh|txt|tpl|tgz|go|html?|svc|local|com|org|io|net|tar|gz)$")
_PYTHON = re.compile(r"\.(_|\w*[a-z]_|[A-Z][a-z])")
"""Part of a dotted path in Python: a name with `_`, or the name of a class."""
_RELATIVE = re.compile(r"(?!.*[A-Z]{3})[\w.-]+(/[\w.-]+)+")
"""A path below the root of the checkout, without a placeholder."""
_OTHER = re.compile(r"^\|\s*other\b")
_RELEASED = re.compile(r"^## \d+\.\d+\.\d+ .*?(?=^## |\Z)", re.M | re.S)
"""A section about a release in CHANGELOG.md, which also names keys that the release removed."""
_TABLE_CODE = re.compile(r"`[^`\n]*`")
Wrong = list[tuple[list[str], str]]
"""Keys, and what is wrong with their value."""
_FIRST = re.compile(r"\s*([\w-]+):[^\S\n]*(?:\n|$)")
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*\n?)+")
Problem = tuple[str, int, str, str]
"""Rule, position in the page, what is wrong, and the key that a finding names as its subject."""


def check_values(root: Path) -> Result:
    """Check the values in every page of a checkout."""
    checkout, keys, found = Checkout(root), SchemaKeys(root), []
    for page in list_documents(root):
        text = page.read_text("utf-8", errors="replace")
        file = checkout.format_path(page)
        chart = next((c.name for c in checkout.charts if page.is_relative_to(c.folder)), "")
        for rule, at, what, key in find_errors(text, keys):
            line, subject = count_line(text, at), f"Key/{key}" if key else ""
            found.append(
                make_finding(rule, what, file, line, chart=chart, case="values", subject=subject)
            )
    return Result(found)


def find_errors(text: str, keys: SchemaKeys) -> Iterator[Problem]:
    """Yield what is wrong with the values of a page."""
    others = [*_find_others(text), *(section.span() for section in _RELEASED.finditer(text))]
    for code in find_code(text):
        if code.is_block:
            yield from _check_block(code, text, keys)
        elif not any(start <= code.start < end for start, end in others):
            yield from _check_path(code, keys)
        if "--set" in code.text or "helm " in code.text or "--values" in code.text:
            for words in find_commands(code):
                if command := read_helm(words, keys.checkout.root):
                    yield from _check_command(command, keys)


def _find_others(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each first cell of a table whose first column is `other …`."""
    at, inside = 0, False
    for line in text.splitlines(keepends=True):
        inside = line.startswith("|") and (inside or bool(_OTHER.match(line)))
        if inside:
            cell = _TABLE_CODE.sub(lambda code: "`" * len(code[0]), line).find("|", 1)
            yield at, at + max(cell, 0)
        at += len(line)


def _check_path(code: Code, keys: SchemaKeys) -> Iterator[Problem]:
    """Yield what is wrong with inline code such as `mlflow.replicas` or `mlflow.replicas: 2`."""
    match = _PATH.fullmatch(code.text)
    if not match or _FILE.search(match[1]):
        return
    steps = split_path(match[1])
    if not steps or (_PYTHON.search(match[1]) and keys.find_error(steps)):
        return
    if error := keys.find_error(steps):
        yield KEYS, code.start, f"`{match[1]}`: {error}", match[1]
    elif match[3] and steps[0] in keys.subcharts | {"global"} and not has_placeholder(steps):
        value = _read_yaml(match[3])
        if not isinstance(value, str) or not ("…" in value or is_any_key(value)):
            for _, what in _find_problems(nest(steps, value), keys.umbrella):
                yield KEYS, code.start, what, match[1]


def _check_command(command: HelmCommand, keys: SchemaKeys) -> Iterator[Problem]:
    root = keys.checkout.root
    for file in command.files:
        if _RELATIVE.fullmatch(file.text) and not (root / file.text).exists():
            yield FLAGS, file.at, f"there is no file {file.text}", ""
    schema = keys.umbrella
    if command.chart is not None:
        found = _find_schema(command.chart, keys)
        if isinstance(found, str):
            yield FLAGS, command.chart.at, found, ""
        if not isinstance(found, dict):
            return
        schema = found
    for each in command.settings:
        if error := keys.find_error(each.steps, schema):
            yield FLAGS, each.key.at, f"`{each.key.text}`: {error}", ""
        elif each.is_known and not has_placeholder(each.steps):
            for _, what in _find_problems(nest(each.steps, each.value), schema):
                yield FLAGS, each.key.at, what, ""


def _find_schema(chart: Word, keys: SchemaKeys) -> Schema | str | None:
    """Return the schema of a chart, an error, or None for a chart of another project."""
    path = chart.text.removeprefix("./").rstrip("/")
    folder = (keys.checkout.root / path).resolve()
    for each in keys.checkout.charts:
        if each.folder.resolve() == folder or path.rpartition("/")[2] == each.name:
            return keys.umbrella if each.is_umbrella else keys.charts.get(each.name)
    parents = {each.folder.parent.resolve() for each in keys.checkout.charts}
    if re.fullmatch(r"[a-z][a-z0-9_/-]*", path) and folder.parent in parents and path != chart.text:
        return f"there is no chart in {path}"
    return f"there is no chart in {path}" if path.startswith("charts/") else None


def _check_block(code: Code, page: str, keys: SchemaKeys) -> Iterator[Problem]:
    """Yield what is wrong with a block of YAML that has keys of the umbrella or of a chart.

    If the whole block is not a map, such as values and a command, each paragraph is checked alone.
    """
    blocks = [(code.start, code.text)]
    if not _is_map(_read_yaml(textwrap.dedent(code.text))):
        blocks = [(code.start + each.start(), each[0]) for each in _PARAGRAPH.finditer(code.text)]
    charts = [schema for name, schema in keys.charts.items() if re.search(rf"\b{name}\b", page)]
    for start, block in blocks:
        text = textwrap.dedent(block)
        if (first := _FIRST.match(text)) and first[1] in keys.first:
            yield from _check_syntax(block, start)
        if _is_map(values := _read_yaml(text)):
            for path, what in _find_wrong(values, charts, keys):
                line = find_in_yaml_text(text, path) - 1
                away = sum(map(len, block.splitlines(keepends=True)[:line]))
                yield VALUES, start + away, what, ".".join(path)


def _check_syntax(block: str, start: int) -> Iterator[Problem]:
    """Yield an error if a block that begins with a key of values is not YAML."""
    try:
        yaml.compose(textwrap.dedent(block), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line if wrong.problem_mark else 0
        away = sum(map(len, block.splitlines(keepends=True)[:line]))
        away = min(away, len(block.rstrip()) - 1)
        yield VALUES, start + away, f"the block is not YAML: {wrong.problem}", ""


def _is_map(values: Any) -> bool:
    return isinstance(values, dict) and all(isinstance(key, str) for key in values)


def _find_wrong(values: dict[str, Any], charts: list[Schema], keys: SchemaKeys) -> Wrong:
    """Return the problems of values by the schema that finds the fewest; none without a schema.

    The schemas are those with all top-level keys of the values, or else those with a key similar
    to each unknown one. If there is none, the block is not values of a chart.
    """
    schemas = [keys.umbrella, *charts]
    if values.keys() <= keys.subcharts | {"global"}:
        schemas = [keys.umbrella]
    fitting = [each for each in schemas if values.keys() <= each.get("properties", {}).keys()]
    problems = [_find_problems(values, schema) for schema in fitting]
    if not problems:
        problems = [found for each in schemas if (found := _find_misspelt(values, each))]
    shared = {key: value for key, value in values.items() if key == "global"}
    best = min(problems, key=len, default=None)
    # The schema of a chart accepts any key of `global`; that of the umbrella lists all.
    more = _find_problems(shared, keys.umbrella) if best is not None and shared else []
    return [*(best or []), *(each for each in more if each not in (best or []))]


def _find_misspelt(values: dict[str, Any], schema: Schema) -> Wrong:
    """Return the problems of values whose unknown first keys are all similar to known keys."""
    known = schema.get("properties", {})
    problems = _find_problems(values, schema)
    unknown = values.keys() - known.keys()
    misspelt = [p for p, what in problems if len(p) == 1 and "; write one of" not in what]
    return problems if unknown <= {path[0] for path in misspelt} else []


def _read_yaml(text: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None


def _find_problems(values: Any, schema: Schema) -> Wrong:
    # This Python library loads slowly; a run with all results in the cache does not use it.
    from carbon.charts.values import locate_problems

    return locate_problems(_drop_null(values), schema)


def _drop_null(node: Any) -> Any:
    """Return values without the keys that null removes."""
    if not isinstance(node, dict):
        return node
    return {key: _drop_null(value) for key, value in node.items() if value is not None}
