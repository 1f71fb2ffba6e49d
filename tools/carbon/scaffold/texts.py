"""Replaces the name of a chart in texts."""

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

Rename = Callable[[str], str]
"""Returns a text with the new name in place of the old one."""


def build_rename(old: str, new: str, others: Iterable[str] = ()) -> Rename:
    """Return a function that replaces a chart's name in a text.

    The name is replaced as a whole word or before a dash, as the start of metrics with underscores
    (`price_alerts_`), and as the start of alerts (`PriceAlertsDown`). The names of `others`, such
    as `price-alerts` for `price`, stay.
    """
    forms: list[tuple[Rename, str, str]] = [
        (str, r"(?<![-\w])", r"(?!\w)"),
        (_join, r"(?<!\w)", r"(?=_)"),
        (_capitalize, r"(?<!\w)", r"(?=[A-Z])"),
    ]
    pairs = []
    for write, before, after in forms:
        name = write(old)
        longer = [write(each) for each in others if each.startswith(f"{old}-")]
        rest = "".join(f"(?!{each.removeprefix(name)}{after})" for each in longer)
        pairs.append((f"{before}{name}{after}{rest}", write(new)))

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


def _join(name: str) -> str:
    return name.replace("-", "_")


def _capitalize(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))
