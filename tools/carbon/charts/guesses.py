"""Values of a profile that are guesses: those that a comment `# check: COMMAND` marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml

_MARK = re.compile(r"^(?P<own>\s*)# check: (?P<command>.+?)\s*$|\s{2}# check: (?P<end>.+?)\s*$")
_SHOWN = 60
"""Number of characters of a value that are shown."""


@dataclass(frozen=True)
class Guess:
    """A value that nobody confirmed yet."""

    file: str
    line: int
    key: str
    """Path of the value, such as mlflow.replicas."""
    value: str
    """The value, or the beginning of it."""
    command: str
    """The command that shows the facts."""


def list_guesses(path: Path) -> list[Guess]:
    """Return the marked values of a values file, in order.

    A mark belongs to the key on its line or, on a line of its own, to the next key.

    Raises:
        CarbonError: the file is not YAML, or a mark belongs to no key.
    """
    read_yaml(path)
    text = path.read_text("utf-8")
    lines = text.splitlines()
    keys: dict[int, tuple[str, str]] = {}
    for start, key, value in _list_keys(yaml.compose(text, yaml.SafeLoader), "", text):
        keys.setdefault(start, (key, value))
    found = []
    for number, line in enumerate(lines):
        if not (mark := _MARK.search(line)):
            continue
        at = number
        while at < len(lines) and lines[at].lstrip().startswith("#"):
            at += 1
        if at not in keys:
            raise CarbonError(
                f"{format_path(path)}:{number + 1}: the mark `# check:` belongs to no key",
                "Write it on the line of a key, or on the line before.",
            )
        key, value = keys[at]
        found.append(Guess(format_path(path), at + 1, key, value, mark["command"] or mark["end"]))
    return found


def _list_keys(node: yaml.Node | None, path: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line of each key below a node, counted from 0, its path and its value."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            key = f"{path}.{name.value}" if path else str(name.value)
            yield name.start_mark.line, key, _show(value, text)
            yield from _list_keys(value, key, text)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _list_keys(value, f"{path}[{number}]", text)


def _show(node: yaml.Node, text: str) -> str:
    """Return the value as the file has it, on one line and without comments."""
    lines = text[node.start_mark.index : node.end_mark.index].splitlines()
    shown = " ".join(re.sub(r"(^|\s)#.*", "", line).strip() for line in lines).strip()
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
