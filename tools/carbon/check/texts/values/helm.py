"""The values that a command of Helm in a page sets, and the files that the command names."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbon.check.texts.shell import Word, read_arguments
from carbon.check.texts.values.schema_keys import is_any_key, split_path

SETS = ("set", "set-string", "set-json", "set-file", "set-literal")
"""The options that set values."""
_MORE = "n namespace version kube-context kubeconfig timeout repo post-renderer kube-version a o"
WITH_VALUE = frozenset([*SETS, "values", "f", "output", "api-versions", "s", *_MORE.split()])
"""The options of Helm that need a value."""
_COMMANDS = """
install upgrade template test lint uninstall rollback list status get history repo dependency
package show pull push registry search env version verify plugin create completion help
"""
COMMANDS = frozenset(_COMMANDS.split())
"""The commands of Helm."""
_SWITCHES = """
wait wait-for-jobs create-namespace install atomic rollback-on-failure reuse-values reset-values
reset-then-reuse-values dry-run force-conflicts force-replace server-side take-ownership help debug
devel verify include-crds skip-crds no-hooks dependency-update skip-schema-validation logs show-only
all-namespaces all filter strict with-subcharts cleanup-on-fail history-max description keep-history
"""
KNOWN_OPTIONS = WITH_VALUE | set(_SWITCHES.split())
"""Known options of Helm, not all of them."""
_PAIR = re.compile(r"((?:\\.|[^\\=])+?)=((?:\{[^}]*\}|\\.|[^\\,])*)(?:,|$)", re.S)
_UNKNOWN = re.compile(r"[A-Z][A-Z0-9_]*|.*[<>$…*].*")
"""Placeholders for values: names in capitals, and texts with <, >, $, … or *."""
_NUMBER = re.compile(r"-?(0|[1-9]\d*)")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Setting:
    """A value that an option sets."""

    key: Word
    steps: list[str]
    value: Any
    is_known: bool
    """False if the value is a placeholder or text of a file."""


@dataclass
class HelmCommand:
    """The chart that a command names, the values that it sets, and the files that it reads."""

    chart: Word | None
    """The chart, as the command names it."""
    settings: list[Setting] = field(default_factory=list)
    files: list[Word] = field(default_factory=list)
    """The values files, and the files whose text is a value."""


def read_helm(words: list[Word], root: Path) -> HelmCommand | None:
    """Return what a command sets or installs; None if it sets nothing and installs no chart.

    Commands of other programs that pass options to Helm, and options alone, are read too.
    """
    at = next((n for n, word in enumerate(words) if word.text == "helm"), -1)
    arguments = read_arguments(words[at + 1 :], WITH_VALUE)
    chart = _find_chart(arguments.words, root) if at >= 0 else None
    command = HelmCommand(chart)
    for option in SETS:
        for word in arguments.get(option):
            command.settings += _read_settings(option, word)
    command.files = arguments.get("values", "f") if at >= 0 else arguments.get("values")
    command.files = [part for word in command.files for part in word.split(",")]
    for word in arguments.get("set-file"):
        name = word.text.partition("=")[2]
        command.files.append(Word(name, word.at + len(word.text) - len(name)))
    return command if chart or command.settings or command.files else None


def _find_chart(words: list[Word], root: Path) -> Word | None:
    """Return the chart that `helm install`, `upgrade`, `template` and the like name."""
    verb = words[0].text if words else ""
    if verb in ("install", "upgrade", "template"):
        found = [word for word in words[1:] if "/" in word.text or (root / word.text).is_dir()]
        return (found or words[2:3])[-1] if found or words[2:3] else None
    return next(iter(words[1:2]), None) if verb in ("lint", "package", "show") else None


def _read_settings(option: str, word: Word) -> list[Setting]:
    if option in ("set-json", "set-literal"):
        key, is_set, text = word.text.partition("=")
        pairs = [(key, text, 0)] if is_set else []
    else:
        pairs = [(each[1], each[2], each.start()) for each in _PAIR.finditer(word.text)]
    found = []
    for key, text, start in pairs:
        is_known = not _UNKNOWN.fullmatch(text) and option != "set-file" and bool(text)
        value, is_read = _read_value(option, text)
        if steps := split_path(key):
            at = Word(key, word.at + start)
            found.append(Setting(at, steps, value, is_known and is_read))
    return found


def _read_value(option: str, text: str) -> tuple[Any, bool]:
    """Return a value as Helm reads it, and whether it can be read."""
    if option == "set-json":
        try:
            return json.loads(text), True
        except ValueError:
            return None, False
    if option != "set":
        return text, True
    if text.startswith("{"):
        return [_read_plain(part) for part in text.strip("{}").split(",")], True
    return _read_plain(text), True


def _read_plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else text


def nest(steps: list[str], value: Any) -> Any:
    """Return values with one value below the keys and indexes of a path."""
    for step in reversed(steps):
        value = [value] if step == "[]" else {step: value}
    return value


def has_placeholder(steps: list[str]) -> bool:
    """Return whether a path has a key that stands for others."""
    return any(map(is_any_key, steps))
