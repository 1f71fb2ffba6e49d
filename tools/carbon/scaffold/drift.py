"""Finds lines of a chart that the template owns and that differ from it.

A chart whose lines are those of the template needs no update, whatever its version of the template.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carbon.scaffold.owners import BEGIN, is_owned, split_block
from carbon.scaffold.template import ANSWERS, read_answers, read_version, render


@dataclass(frozen=True)
class Drift:
    """A place where a chart differs from the template."""

    file: Path
    """Path in the checkout."""
    line: int
    what: str


def list_charts(root: Path) -> list[str]:
    """Return the names of the charts that have files of the template."""
    return sorted(path.parent.name for path in (root / "charts").glob(f"*/{ANSWERS}"))


def find_drift(root: Path, name: str) -> Iterator[Drift]:
    """Yield where lines that the template owns differ from the template, one place a file.

    Raises:
        CarbonError: the chart takes nothing from the template.
    """
    answers = read_answers(root, name)
    rendered = render(root, answers, version=read_version(root, name))
    for path in sorted(answers.taken - set(rendered.files)):
        stored = Path("charts", name, ANSWERS)
        yield Drift(stored, 1, f"the template has no file {path.relative_to(stored.parent)}")
    for path, text in rendered.files.items():
        if not (root / path).is_file():
            yield Drift(path, 1, "the file is missing")
            continue
        found = (root / path).read_text("utf-8")
        if is_owned(root, path, rendered):
            yield from _compare(path, 1, found.splitlines(), text.splitlines())
        elif BEGIN in text:
            ours, theirs = _find_block(found), _find_block(text)
            yield from _compare(path, ours[0], ours[1], theirs[1])
    for path, target in rendered.links.items():
        if not (root / path).is_symlink() or str((root / path).readlink()) != target:
            yield Drift(path, 1, f"the file is not a link to {target}")


def _find_block(text: str) -> tuple[int, list[str]]:
    """Return the number of the first line that the template owns, and these lines."""
    before, block, _ = split_block(text) or ("", "", "")
    return len(before.splitlines()) + 1, block.splitlines()


def _compare(path: Path, start: int, found: list[str], wanted: list[str]) -> Iterator[Drift]:
    if found == wanted:
        return
    same = next(
        (at for at, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]),
        min(len(found), len(wanted)),
    )
    what = (
        f"the template has {wanted[same].strip()!r}" if same < len(wanted) else "one line too many"
    )
    yield Drift(path, start + min(same, max(len(found) - 1, 0)), what)
