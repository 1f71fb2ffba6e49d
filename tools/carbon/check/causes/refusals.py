"""The line at which Helm or the chart refuses to render: in a template or in a values file."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from carbon.charts.discovery import Chart
from carbon.charts.render import Render
from carbon.check.causes.copies import Copies
from carbon.check.causes.values import find_value
from carbon.check.engine.digests import list_files
from carbon.check.sources.lines import find_template
from carbon.check.sources.templates import find_quoted, read_actions

Place = tuple[Path, int]
_INVALID = re.compile(r"YAML parse error on (\S+):(?: .*?line (\d+):)?", re.S)
_AT = re.compile(r"([\w./-]+/templates/[\w./-]+):(\d+)")
_SCHEMA = re.compile(r"^- at '([^']*)': (?:additional properties '([^']+)')?", re.M)
_CHART = re.compile(r"following chart\(s\):\s*\n(\S+):")
_PROBLEM = re.compile(r"^\s*- ([\w-]+(?:\.[\w-]+)+)\b", re.M)
_INCLUDED = re.compile(r"(Error: )?\S+/templates/\S+:\d+:\d+")
"""A line in the trace of Helm 4."""
_NOISE = re.compile(r"level=(INFO|WARN)|Use --debug flag")
"""Lines of Helm's output that do not belong to the error."""
_WORDS = 4
"""Minimum number of words of a text in a template that a message must contain."""
_ORIGINAL = "_carbon-original.yaml"


def locate_refusal(chart: Chart, render: Render, message: str) -> Place:
    """Return the file and the line of a refusal; line 1 of Chart.yaml if it is not known.

    `message` is what Helm printed.
    """
    if (invalid := _INVALID.search(message)) is not None:
        if invalid[2] is None:
            return find_template(chart, invalid[1]), 1
        return _locate_invalid(chart, render, invalid[1], int(invalid[2]))
    if (schema := _SCHEMA.search(message)) is not None:
        keys = [key for key in schema[1].split("/") if key]
        keys += [schema[2]] if schema[2] else []
        name = next(iter(_CHART.findall(message)), chart.name)
        below = [key for key, each in chart.dependencies.items() if each == name != chart.name]
        return find_value(chart, render.values, (*below[:1], *keys))
    if "can't work" in message and (problem := _PROBLEM.search(message)) is not None:
        return find_value(chart, render.values, tuple(problem[1].split(".")))
    places = [(find_template(chart, at[1]), int(at[2])) for at in _AT.finditer(message)]
    if not places:
        return chart.folder / "Chart.yaml", 1
    text = _find_text(chart, message) if "execution error" in message else None
    return text or places[-1]


def clean_message(message: str) -> str:
    """Return the lines of a message without what Helm logs in addition to the error.

    Of the templates that include each other, only the last is left, in which the error is.
    """
    lines = [part.strip() for part in message.splitlines()]
    lines = [line for line in lines if line and not _NOISE.match(line)]
    places = [at for at, line in enumerate(lines) if _INCLUDED.fullmatch(line)]
    return "\n".join(lines[places[-1] :] if places else lines)


def _find_text(chart: Chart, message: str) -> Place | None:
    """Return the line of the `fail` or `required` in a template with the text of a message."""
    for path in sorted((chart.folder / "templates").rglob("*")):
        if path.is_file():
            for action in read_actions(path):
                if re.search(r"\b(fail|required)\b", action.text):
                    for text in find_quoted(action.text):
                        start = text.partition("%")[0].strip()
                        if len(start.split()) >= _WORDS and start in message:
                            return path.resolve(), action.line
    return None


def _locate_invalid(chart: Chart, render: Render, source: str, line: int) -> Place:
    """Return the line of the template text at a line of the YAML that a template renders."""
    path = find_template(chart, source)
    copies = Copies(chart, render)
    text = _print_text(chart, copies, source)
    printed, line = text.splitlines(), _find_error(text) or line
    files = [path, *(file for file in copies.list_templates(source) if file != path)]
    for at in (line, line - 1, line + 1):
        wrong = printed[at - 1].strip() if 0 < at <= len(printed) else ""
        for found in _find_line(files, wrong) if wrong else ():
            return found
    return path, 1


def _find_error(text: str) -> int | None:
    """Return the line of an error in YAML; of a bracket without an end, the line of the bracket."""
    try:
        for _ in yaml.parse(text, yaml.CSafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        is_flow = "while parsing a flow" in (error.context or "")
        mark = error.context_mark if is_flow else error.problem_mark
        return mark.line + 1 if mark else None
    return None


def _print_text(chart: Chart, copies: Copies, source: str) -> str:
    """Return what a template renders, as text in a document of its own."""
    path = find_template(chart, source)
    original = f"{source.rpartition('/')[0]}/{_ORIGINAL}"
    wrapper = f'text: {{{{ include "{original}" . | toJson }}}}\n'
    added = {Path(original.partition("/")[2]): path.read_text("utf-8", errors="replace")}
    # Helm renders nothing if another template is not YAML either.
    texts = dict.fromkeys(_list_printed(chart), "") | {path: wrapper}
    objects = copies.render_documents(texts, added)
    printed = (str(each["text"]) for each in objects if list(each) == ["text"])
    return next(printed, "")


def _list_printed(chart: Chart) -> Iterator[Path]:
    """Yield the templates of a chart and of its subcharts that Helm prints."""
    for path in list_files(chart.folder):
        if "templates" in path.relative_to(chart.folder).parts and not path.name.startswith("_"):
            yield path.resolve()


def _find_line(files: Sequence[Path], text: str) -> Iterator[Place]:
    """Yield the lines equal to a rendered line; then those with the same key."""
    key = text.partition(":")[0] + ":" if ":" in text else text
    for is_equal in (True, False):
        for file in files:
            for at, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
                plain = line.strip()
                if plain == text if is_equal else plain.startswith(key):
                    yield file, at
