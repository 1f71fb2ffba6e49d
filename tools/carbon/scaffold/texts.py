"""Replaces the name of a chart in texts."""

import re
from collections.abc import Callable
from difflib import SequenceMatcher

Rename = Callable[[str], str]
"""Returns a text with the new name in place of the old one."""


def build_rename(old: str, new: str) -> Rename:
    """Return a function that replaces a chart's name in a text.

    The name is replaced as a whole word or before a dash, as the start of metrics with underscores
    (`price_alerts_`), and as the start of alerts (`PriceAlertsDown`).
    """
    pairs = [
        (rf"(?<![-\w]){re.escape(old)}(?!\w)", new),
        (rf"(?<!\w){old.replace('-', '_')}(?=_)", new.replace("-", "_")),
        (rf"(?<!\w){_capitalize(old)}(?=[A-Z])", _capitalize(new)),
    ]

    def rename(text: str) -> str:
        for pattern, replacement in pairs:
            text = re.sub(pattern, replacement, text)
        return text

    return rename


def rename_lines(found: str, old: str, new: str, rename: Rename) -> str:
    """Return a text whose lines of the old render are those of the new one; `rename` the others."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    lines = found.splitlines(keepends=True)
    if len(before) != len(after):
        return rename(found)
    renamed: list[str] = []
    for tag, i, j, k, _ in SequenceMatcher(None, lines, before, autojunk=False).get_opcodes():
        renamed += after[k : k + j - i] if tag == "equal" else map(rename, lines[i:j])
    return "".join(renamed)


def _capitalize(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))
