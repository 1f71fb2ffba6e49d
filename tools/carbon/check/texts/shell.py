"""Reads the commands in a piece of shell code, such as a block of a page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from carbon.check.texts.code import Code

_TOKEN = re.compile(
    r"""(?P<space>(?:[^\S\n]|\\\n)+)
    |(?P<comment>(?<!\S)\#[^\n]*)
    |(?P<end>\n|&&|\|\|?|;|\)|\(|&|<<|>)
    |(?P<word>(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\[^\n]|[^\s'"\\|;&()<>]|<[\w\ .-]+>)+)
    |(?P<other>.)""",
    re.S | re.X,
)
_QUOTED = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)", re.S)
_PROMPT = re.compile(r"[$%]")
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")
_PLAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True)
class Word:
    """A word of a command."""

    text: str
    """The word without quotes."""
    at: int
    """The position in the page."""

    def split(self, separator: str) -> list["Word"]:
        """Return the parts between separators, each with its position."""
        found, at = [], self.at
        for part in self.text.split(separator):
            found.append(Word(part, at))
            at += len(part) + len(separator)
        return found


@dataclass(frozen=True)
class Arguments:
    """The arguments of a command."""

    words: list[Word]
    """The words that are neither options nor values of options."""
    options: dict[str, list[Word]]
    """Option without dashes -> each value; an option without a value has none."""
    names: list[Word]
    """The options, without dashes."""

    def get(self, *names: str) -> list[Word]:
        """Return the values of an option with these names."""
        return [word for name in names for word in self.options.get(name, ())]

    def has(self, *names: str) -> bool:
        """Return whether the command has an option with one of these names."""
        return any(name in self.options for name in names)


def is_placeholder(text: str) -> bool:
    """Return whether a text stands for a name: NAME, <name>, $NAME, a pattern, or …"""
    return not _PLAIN.fullmatch(text)


def find_commands(code: Code) -> Iterator[list[Word]]:
    """Yield the words of each command; inline code continues on the next line."""
    words: list[Word] = []
    for token in _TOKEN.finditer(code.text):
        text = token[0]
        if token.lastgroup == "word":
            words.append(Word(_QUOTED.sub(_unquote, text), code.start + token.start()))
        elif token.lastgroup == "end" and (text != "\n" or code.is_block):
            if words:
                yield _strip(words)
            words = []
    if words:
        yield _strip(words)


def _unquote(match: re.Match[str]) -> str:
    return next(part for part in match.groups() if part is not None)


def _strip(words: list[Word]) -> list[Word]:
    """Return a command without the prompt and the variables before it."""
    first = 0
    while first < len(words) and (
        (first == 0 and _PROMPT.fullmatch(words[0].text)) or _VARIABLE.match(words[first].text)
    ):
        first += 1
    return words[first:]


def read_arguments(words: list[Word], with_value: frozenset[str] | set[str]) -> Arguments:
    """Return the arguments of a command; `with_value` are the options that need a value."""
    plain: list[Word] = []
    options: dict[str, list[Word]] = {}
    names: list[Word] = []
    left = iter(words)
    for word in left:
        text = word.text
        if text == "--":
            break
        if not text.startswith("-") or text == "-":
            plain.append(word)
            continue
        name, is_equal, value = text.lstrip("-").partition("=")
        given = options.setdefault(name, [])
        names.append(Word(name, word.at))
        if is_equal:
            given.append(Word(value, word.at + text.index("=") + 1))
        elif name in with_value and (following := next(left, None)) is not None:
            given.append(following)
        elif not text.startswith("--") and name[:1] in with_value and len(name) > 1:
            options.setdefault(name[0], []).append(Word(name[1:], word.at + 2))
    return Arguments(plain, options, names)
