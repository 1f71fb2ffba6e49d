"""The changes of a checkout since its merge base with main, each with the file without it.

A change without which a finding does not occur is the cause of the finding (`causes.reverts`).
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAIN = "main"
READ = ("charts", "umbrella", "values")
"""Folders with the files that renders and suites of charts read."""
LARGEST = 2000
"""Changed lines of a file that is read."""
_FILE = re.compile(r"^\+\+\+ (?:b/)?(.*?)\t?$")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Change:
    """Successive lines of a file that differ from the merge base."""

    file: Path
    first: int
    """The first changed line; the line before them if lines were deleted."""
    last: int
    old: tuple[str, ...]
    """The lines of the merge base."""
    is_new: bool = False
    """Whether the whole file is new."""

    def __contains__(self, place: tuple[Path, int]) -> bool:
        return place[0] == self.file and self.first <= place[1] <= self.last


def list_changes(root: Path) -> list[Change]:
    """Return the changes of a checkout, uncommitted ones included; none outside of Git."""
    if not (root / ".git").exists():
        return []
    base = _run_git(root, "merge-base", "HEAD", MAIN).strip() or "HEAD"
    diff = ("diff", "-U0", "--no-renames", "--no-color", "--no-ext-diff", base, "--", *READ)
    found = list(_parse(root, _run_git(root, *diff)))
    untracked = _run_git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *READ)
    found += [Change(root / name, 1, 1, (), True) for name in untracked.split("\0") if name]
    return [each for each in found if each.file.is_file()]


def revert(changes: list[Change]) -> dict[Path, str | None]:
    """Return the texts of files without some of their changes; None for a file that is new."""
    texts: dict[Path, str | None] = {}
    for change in sorted(changes, key=lambda each: -each.first):
        text = texts.get(change.file, change.file.read_text("utf-8", errors="replace"))
        if change.is_new or text is None:
            texts[change.file] = None
            continue
        lines = text.splitlines(keepends=True)
        is_deletion = change.last < change.first
        start = change.first if is_deletion else change.first - 1
        lines[start : start if is_deletion else change.last] = change.old
        texts[change.file] = "".join(lines)
    return texts


def _parse(root: Path, diff: str) -> Iterator[Change]:
    """Yield the changes in the output of `git diff -U0`, without those of deleted files."""
    file, old, place, is_new = "", list[str](), (0, 0), False
    for line in [*diff.split("\n"), "@@ end"]:
        if line.startswith(("@@ ", "diff --git ")) and file and place != (0, 0):
            yield Change((root / file).resolve(), *place, tuple(old), is_new)
            place = (0, 0)
        if line.startswith("diff --git "):
            file, is_new = "", False
        elif line == "--- /dev/null":
            is_new = True
        elif (named := _FILE.match(line)) and not file:
            file = named[1] if named[1] != "/dev/null" else ""
        elif begin := _HUNK.match(line):
            first, count = int(begin[1]), int(begin[2] or 1)
            place, old = (max(first, int(count > 0)), first + count - 1), []
        elif line.startswith("-") and place != (0, 0):
            old.append(line[1:] + "\n")


def _run_git(root: Path, *args: str) -> str:
    command = ["git", "-C", str(root), *args]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout if not done.returncode else ""
