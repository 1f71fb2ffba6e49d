"""The line of a template that passes a wrong argument to a helper, found in the template's text.

A helper renders a field from an argument. If other templates include the helper without a mistake,
the argument of the one template is wrong: the entry of the `dict` in its `include`, or of the
variable that the `include` passes.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from carbon.check.sources.lines import count_line
from carbon.check.sources.templates import ACTION, DEFINE, find_quoted

_ARGUMENT = re.compile(
    r"(?<![\w$)])\.(?!ctx\b|Values\b|Files\b|Release\b|Chart\b)\w+|[$](?!values\b)\w+"
)
_READ = re.compile(r"(?<![\w$)])\.(?!ctx\b|Values\b)(\w+)")
_DIRECT = re.compile(r"\.Values\b|[$.]values\.|\.ctx\.(?:Release|Chart)")
_VARIABLE = re.compile(r"[$]\w+")
_YAML_KEY = re.compile(r"^\s*(?:- )?\"?([\w./-]+)\"?:")
_MOST = 8
"""Maximum number of helpers in a chain of includes, and of lines searched for a map's key."""
Texts = Mapping[Path, str]


def is_computed(text: str, line: int) -> bool:
    """Return whether the value that a line of a helper renders comes from the helper's arguments.

    If the line ends with a key, the value is the action on the next line.
    """
    lines = [*text.splitlines(), ""]
    if lines[line - 1].rstrip().endswith(":"):
        return lines[line].lstrip().startswith("{{")
    actions = ACTION.findall(lines[line - 1])
    return bool(actions) and any(
        _ARGUMENT.search(each) and not _DIRECT.search(each) for each in actions
    )


def find_below(text: str, line: int, key: str) -> int:
    """Return the first line with a key, at or a few lines below `line`; `line` without one."""
    lines = text.splitlines()
    for at in range(line, min(line + _MOST, len(lines)) + 1):
        if re.match(rf"\s*(- )?\"?{re.escape(key)}\"?:", lines[at - 1]):
            return at
    return line


def find_caller(
    texts: Texts, template: Path, helper: Path, line: int, path: tuple[str | int, ...]
) -> int | None:
    """Return the line of a template that passes the argument for a field of a helper.

    `path` is the field in the rendered object. None if the template does not include the helper.
    """
    name = _find_define(texts[helper], line)
    names = _list_including(texts, name) if name else []
    text = texts.get(template, "")
    calls = [
        action
        for action in ACTION.finditer(text)
        if set(find_quoted(action[1])) & set(names) and not DEFINE.match(action[0])
    ]
    if not calls:
        return None
    call = next((each for each in calls if _get_key(text, each.start()) in path), calls[0])
    read = _READ.findall("".join(ACTION.findall(texts[helper].splitlines()[line - 1])))
    found = [_find_argument(text, call, key) for key in (*read, str(path[-1]))]
    return next((at for at, is_passed in found if is_passed), found[-1][0])


def find_metadata(text: str, line: int, key: str) -> int | None:
    """Return the line that passes a key of the metadata that the template renders at a line."""
    start = sum(len(each) + 1 for each in text.splitlines()[:line])
    call = ACTION.search(text, start)
    if call is None or "include" not in call[1] or text[start : call.start()].strip():
        return None
    return _find_argument(text, call, key)[0]


def find_definition(text: str, line: int) -> int | None:
    """Return the line that sets the one variable that a line of a template renders."""
    lines = text.splitlines()
    actions = ACTION.findall(lines[line - 1]) if line <= len(lines) else []
    found = {name for each in actions for name in _VARIABLE.findall(each)} - {"$values"}
    if len(actions) != 1 or len(found) != 1 or "include" in actions[0]:
        return None
    start = sum(len(each) + 1 for each in lines[: line - 1])
    definition = _find_setting(text, found.pop(), start)
    return count_line(text, definition.start()) if definition else None


def _find_define(text: str, line: int) -> str:
    """Return the named template that contains a line."""
    found = [each[1] for each in DEFINE.finditer(text) if count_line(text, each.start()) <= line]
    return found[-1] if found else ""


def _list_including(texts: Texts, name: str) -> list[str]:
    """Return a named template, and those that include it, directly or through others."""
    names = [name]
    for each in names:
        for text in texts.values():
            for action in ACTION.finditer(text):
                if each in find_quoted(action[1]) and not DEFINE.match(action[0]):
                    outer = _find_define(text, count_line(text, action.start()))
                    if outer and outer not in names and len(names) < _MOST:
                        names.append(outer)
    return names


def _get_key(text: str, at: int) -> str:
    """Return the last YAML key before a position; empty without one."""
    for line in reversed(text[:at].splitlines()):
        if key := _YAML_KEY.match(line):
            return key[1]
    return ""


def _find_argument(text: str, call: re.Match[str], key: str) -> tuple[int, bool]:
    """Return the line of the argument `key` of a call, or of the variable that is passed for it.

    The second part of the result is whether the call passes the argument.
    """
    at, seen = call, set[str]()
    while True:
        passed = re.search(rf'"{re.escape(key)}"\s+([$]\w+)?', at[0])
        names = [passed[1]] if passed and passed[1] else []
        if not passed:
            names = [each for each in _VARIABLE.findall(at[0]) if each not in seen]
        line = count_line(text, at.start() + (passed.start() if passed else 0))
        settings = [_find_setting(text, each, at.start()) for each in names]
        known = [each for each in settings if each and each[0] != at[0]]
        if not passed:
            known = [each for each in known if "dict" in each[0]]
        if not known:
            return line, bool(passed)
        seen |= set(names)
        at = known[0]
        if passed:
            return count_line(text, at.start()), True


def _find_setting(text: str, name: str, before: int) -> re.Match[str] | None:
    """Return the last action before a position that sets a variable."""
    begin = re.compile(rf"\s*(?:range |with )?(?:[$]\w+, )?{re.escape(name)}(?:, [$]\w+)? :?= ")
    found = [each for each in ACTION.finditer(text, 0, before) if begin.match(each[1])]
    return found[-1] if found else None
