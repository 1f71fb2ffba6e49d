"""Merges a change of the template into a file of a chart, three ways, as `git merge` does."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from carbon.process import run
from carbon.scaffold.owners import BEGIN, split_block

_MARK = "<<<<<<<"
_MERGED = range(128)
"""Exit statuses of `git merge-file`: the number of conflicts."""


@dataclass(frozen=True)
class Merged:
    """The text of a merged file, None for no file, and the lines with conflicts."""

    text: str | None
    conflicts: list[int] = field(default_factory=list)


def merge_file(found: str | None, old: str | None, new: str | None) -> Merged:
    """Merge a file of a chart with the old and the new text of the template.

    In a file with the comments of the template, only the lines between them are merged. None stands
    for no file.
    """
    if found is None:
        return Merged(new if old is None else None, [1] if None is not old != new else [])
    if new is None:
        return Merged(None) if found == old else Merged(found, [1])
    if BEGIN not in new:
        return _merge_texts(found, old or "", new)
    if (parts := split_block(found)) is None:
        return Merged(found, [1])
    blocks = [(split_block(text or "") or ("", "", ""))[1] for text in (old, new)]
    merged = _merge_texts(parts[1], *blocks)
    before = len(parts[0].splitlines())
    return Merged(f"{parts[0]}{merged.text}{parts[2]}", [before + at for at in merged.conflicts])


def _merge_texts(found: str, old: str, new: str) -> Merged:
    if found == old or old == new:
        return Merged(new if found == old else found)
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name, each) for each in ("chart", "before", "template")]
        for path, text in zip(paths, (found, old, new), strict=True):
            path.write_text(text, "utf-8")
        labels = [option for path in paths for option in ("-L", path.name)]
        text = run(["git", "merge-file", "-p", *labels, *paths], accept=_MERGED)
    lines = enumerate(text.splitlines(), 1)
    return Merged(text, [number for number, line in lines if line.startswith(_MARK)])
