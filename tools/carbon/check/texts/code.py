"""Finds the code in Markdown: fenced and indented blocks, and inline code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carbon.check.texts.words import list_names

_FENCED = re.compile(
    r"^[ \t]*(?P<fence>```+|~~~+)[^\n]*\n(?P<code>.*?)^[ \t]*(?P=fence)[`~]*[ \t]*$", re.S | re.M
)
_INLINE = re.compile(r"(?<![`\\])(`+)(?!`)((?:(?!\n[ \t]*\n).)+?)(?<!`)\1(?!`)", re.S)
_HIDDEN = re.compile(r"<!--.*?-->", re.S)
_INDENTED = re.compile(r" {4}|\t")
_ITEM = re.compile(r" *([-*+]|\d+[.)]) ")
_TESTS = "tests"
"""The folder whose pages quote wrong code on purpose."""


@dataclass(frozen=True)
class Code:
    """A piece of code in a page."""

    text: str
    start: int
    """The position of the text in the page."""
    is_block: bool


def list_pages(root: Path) -> list[Path]:
    """Return the Markdown files of a checkout that Git tracks or does not ignore."""
    paths = (root / name for name in list_names(root) if name.endswith(".md"))
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def list_documents(root: Path) -> list[Path]:
    """Return the Markdown files of a checkout that document it: all but those of its tests."""
    return [path for path in list_pages(root) if path.relative_to(root).parts[0] != _TESTS]


def find_code(text: str) -> list[Code]:
    """Return the code of a page, in order; inline code may continue on the next line."""
    found = [Code(each["code"], each.start("code"), True) for each in _FENCED.finditer(text)]
    rest = _FENCED.sub(_blank, _HIDDEN.sub(_blank, text))
    for code in _find_indented(rest):
        found.append(code)
        rest = rest[: code.start] + re.sub(r"[^\n]", " ", code.text) + rest[_end(code) :]
    found += [Code(each[2], each.start(2), False) for each in _INLINE.finditer(rest)]
    return sorted(found, key=lambda code: code.start)


def _find_indented(text: str) -> Iterator[Code]:
    """Yield each run of lines with at least four spaces that follows an empty line."""
    at, begin, end, after_empty = 0, -1, 0, True
    for line in [*text.splitlines(keepends=True), "end"]:
        empty = not line.strip()
        inside = bool(_INDENTED.match(line)) and not empty
        if inside and (begin >= 0 or (after_empty and not _ITEM.match(line))):
            begin, end = (at if begin < 0 else begin), at + len(line)
        elif not empty and begin >= 0:
            yield Code(text[begin:end], begin, True)
            begin = -1
        after_empty, at = empty, at + len(line)


def _end(code: Code) -> int:
    return code.start + len(code.text)


def _blank(match: re.Match[str]) -> str:
    """Return spaces in place of a text, so that all positions stay."""
    return re.sub(r"[^\n]", " ", match[0])
