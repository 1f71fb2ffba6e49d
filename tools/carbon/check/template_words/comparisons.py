"""Finds the comparisons in templates: each value, and the word with which it is compared."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Node = str | list["Node"]
"""A token of an action, or the tokens in parentheses; a field after these is `).field`."""
KeyPath = tuple[str, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\)(?:\.\w+)*|[(|,]|:?=|[^\s()|"`,]+')
_FIELDS = re.compile(r"(\$\w*)?((?:\.\w+)+)")
_ROOTS = (("Values",), ("ctx", "Values"))


@dataclass(frozen=True)
class Comparison:
    """A word with which an action compares a value, or which is the default of a value."""

    word: str
    path: KeyPath
    """The keys of the value; only the last keys if `is_whole` is false, none if not known."""
    is_whole: bool
    """True if the path begins at the root of the values."""


Value = tuple[KeyPath, bool]
"""The path of a value, and whether the path begins at the root of the values."""
UNKNOWN: Value = ((), False)
ENTRY = "*"
"""Stands in a path for any key of a map, or any index of a list."""
_OPENING = re.compile(r"(?:else )?(if|with|range|define|block)\b")


class Scopes:
    """What `.` and the variables stand for, from one action of a file to the next."""

    def __init__(self) -> None:
        self._dots: list[Value] = [UNKNOWN]
        self._variables: dict[str, Value] = {}

    def find_comparisons(self, action: str) -> list[Comparison]:
        """Return the comparisons of the next action: eq, ne, has or default, with quoted words."""
        tokens = _parse(action)
        found = list(self._walk(tokens))
        opening = _OPENING.match(action)
        if opening and action.startswith("else"):
            self._close()
        if opening:
            self._open(opening[1], tokens[1 + action.startswith("else") :])
        elif action == "else":
            self._dots[-1:] = self._dots[-2:-1]
        elif action == "end":
            self._close()
        elif len(tokens) > 2 and tokens[1] in (":=", "="):
            self._assign(tokens[0], self._read_path(_split(tokens[2:])[0]))
        return found

    def _open(self, keyword: str, tokens: list[Node]) -> None:
        """Begin the block of an action; `tokens` are the tokens after its keyword."""
        begin = tokens.index(":=") + 1 if ":=" in tokens else 0
        value = self._read_path(_split(tokens[begin:])[0])
        if keyword == "range":
            value = ((*value[0], ENTRY), value[1]) if value[0] else UNKNOWN
        if begin > 1:
            self._assign(tokens[begin - 2], value)
        kept = {"if": self._dots[-1], "define": UNKNOWN, "block": UNKNOWN}
        self._dots.append(kept.get(keyword, value))

    def _close(self) -> None:
        if len(self._dots) > 1:
            self._dots.pop()

    def _assign(self, name: Node, value: Value) -> None:
        self._variables[str(name)] = value

    def _walk(self, tokens: list[Node]) -> Iterator[Comparison]:
        commands = _split(tokens)
        for at, command in enumerate(commands):
            for each in command:
                if isinstance(each, list):
                    yield from self._walk(each)
            begin = next((i for i, each in enumerate(command) if each in _FUNCTIONS), None)
            if begin is None:
                continue
            function, arguments = command[begin], command[begin + 1 :]
            before = [] if not at or begin else [commands[at - 1]]
            words = [word for each in arguments for word in _read_words(each)]
            values = [each for each in arguments if not _read_words(each)]
            if function == "default" and not values:
                values = [_strip_assignment(each) for each in before]
            for value in values[:1] if words else ():
                path, is_whole = self._read_path([value])
                yield from (Comparison(word, path, is_whole) for word in words)

    def _read_path(self, nodes: list[Node]) -> Value:
        """Return the path of a value, and whether the path begins at the root of the values."""
        if len(nodes) != 1:
            return UNKNOWN
        node = nodes[0]
        if isinstance(node, list):
            fields = str(node[-1]) if node and str(node[-1]).startswith(").") else ""
            path, is_whole = self._read_path(_split(node[:-1] if fields else node)[0])
            return (*path, *fields[2:].split(".")) if fields else path, is_whole
        if node == ".":
            return self._dots[-1]
        if node in self._variables:
            return self._variables[node]
        found = _FIELDS.fullmatch(node)
        if found is None:
            return UNKNOWN
        keys = tuple(found[2][1:].split("."))
        for root in _ROOTS:
            if keys[: len(root)] == root:
                return keys[len(root) :], True
        above = self._variables.get(found[1], UNKNOWN) if found[1] else self._dots[-1]
        return (*above[0], *keys), above[1]


_FUNCTIONS = ("eq", "ne", "has", "default")


def _strip_assignment(command: list[Node]) -> Node:
    """Return what is behind `$name :=` in a command."""
    at = [i for i, each in enumerate(command) if each in (":=", "=")]
    return command[at[-1] + 1 :] if at else command


def _read_words(node: Node) -> list[str]:
    """Return the quoted words of an argument: a word, or a list of words."""
    if isinstance(node, str):
        return [node[1:-1]] if node[:1] in ('"', "`") else []
    if node[:1] == ["list"]:
        return [word for each in node[1:] for word in _read_words(each)]
    return []


def _split(tokens: list[Node]) -> list[list[Node]]:
    """Return the commands of a pipeline."""
    found: list[list[Node]] = [[]]
    for each in tokens:
        if each == "|":
            found.append([])
        else:
            found[-1].append(each)
    return found


def _parse(action: str) -> list[Node]:
    """Return the tokens of an action; parentheses become lists."""
    stack: list[list[Node]] = [[]]
    for part in _TOKEN.findall(action):
        if part[0] == "(":
            stack.append([])
        elif part[0] == ")" and len(stack) > 1:
            inner = stack.pop()
            stack[-1].append([*inner, part] if len(part) > 1 else inner)
        else:
            stack[-1].append(part)
    return stack[0]
