"""Tells the owners of a chart's lines apart, and counts the lines of each."""

from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from carbon.charts.generate.files import build_files
from carbon.files import read_yaml
from carbon.scaffold.template import FOLDER, Rendered, read_answers, render

BEGIN, END = "begin template", "end template"
"""Texts in the comments around lines that the template owns."""

OWNERS = ("chart", "entries", "template", "generated")
"""Who writes lines.

`chart` are the chart's authors, `entries` and `template` are tools/new-chart, which writes entries
in tables of the repository and whole files, and `generated` is `carbon generate`.
"""


def count_lines(root: Path, name: str) -> dict[str, Counter[str]]:
    """Return path of each file of a chart -> owner, one of `OWNERS` -> number of lines.

    Raises:
        CarbonError: the chart takes nothing from the template.
    """
    rendered = render(root, read_answers(root, name))
    generated = {path.relative_to(root) for path in build_files(root)}
    counts: dict[str, Counter[str]] = {}
    for path in _list_files(root, name, rendered):
        text = (root / path).read_text("utf-8", errors="replace")
        if path in generated:
            counts[str(path)] = Counter(generated=len(text.splitlines()))
        elif is_owned(root, path, rendered):
            counts[str(path)] = Counter(template=len(text.splitlines()))
        else:
            counts[str(path)] = _count_blocks(text)
    for entry in rendered.entries:
        counts[str(entry.file)] = Counter(entries=len(entry.text.strip().splitlines()))
    return counts


def is_owned(root: Path, path: Path, rendered: Rendered) -> bool:
    """Return whether the template owns a whole file."""
    if path not in rendered.files or is_authored(root, path):
        return False
    return BEGIN not in rendered.files[path]


def is_authored(root: Path, path: Path) -> bool:
    """Return whether a file of the template belongs to the authors of its chart."""
    patterns = read_yaml(root / FOLDER / "copier.yml")["_skip_if_exists"]
    return any(fnmatch(str(path), pattern) for pattern in patterns)


def split_block(text: str) -> tuple[str, str, str] | None:
    """Return the text before the lines that the template owns, these lines, and the text after.

    Returns None if the comments around the lines are missing.
    """
    lines = text.splitlines(keepends=True)
    begin = next((at for at, line in enumerate(lines) if BEGIN in line), None)
    end = next((at for at, line in enumerate(lines) if END in line), None)
    if begin is None or end is None or end < begin:
        return None
    block = lines[begin : end + 1]
    return "".join(lines[:begin]), "".join(block), "".join(lines[end + 1 :])


def _list_files(root: Path, name: str, rendered: Rendered) -> list[Path]:
    folder = root / "charts" / name
    own = [
        path.relative_to(root)
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).is_relative_to("charts")
    ]
    return sorted({*own, *(path for path in rendered.files if (root / path).exists())})


def _count_blocks(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    owner = "chart"
    for line in text.splitlines():
        owner = "template" if BEGIN in line else owner
        counts[owner] += 1
        owner = "chart" if END in line else owner
    return counts
