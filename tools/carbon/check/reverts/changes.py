"""The changes of a checkout since its merge base with main, and files without some of them.

A change without which a finding does not occur is the cause of the finding (`reverts.cases`).
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAIN = "main"
READ = ("charts", "umbrella", "values")
"""Folders with the files that renders and suites of charts read."""
_FILE = re.compile(r"^\+\+\+ (?:b/)?(.*?)\t?$")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Change:
    """Successive lines of a file that differ from the merge base."""

    file: Path
    lines: range
    """The changed lines. For deleted lines, an empty range that starts at the line before them."""
    old: tuple[str, ...] | None
    """The lines of the merge base; None if the whole file is new."""

    @property
    def line(self) -> int:
        """The first changed line; the line before them if lines were deleted."""
        return max(self.lines.start, 1)

    def __contains__(self, place: tuple[Path, int]) -> bool:
        return place[0] == self.file and place[1] in self.lines


def list_changes(root: Path) -> list[Change]:
    """Return the changes of a checkout, uncommitted ones included; none outside of Git."""
    if not (root / ".git").exists():
        return []
    base = _run_git(root, "merge-base", "HEAD", MAIN).strip() or "HEAD"
    diff = ("diff", "-U0", "--no-renames", "--no-color", "--no-ext-diff", base, "--", *READ)
    found = list(_parse(root, _run_git(root, *diff)))
    untracked = _run_git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *READ)
    found += [Change(root / name, range(1, 2), None) for name in untracked.split("\0") if name]
    return [each for each in found if each.file.is_file()]


def find_only(changes: Sequence[Change], paths: Iterable[Path]) -> Change | None:
    """Return the change of some files or folders; None unless there is exactly one."""
    within = [path.resolve() for path in paths]
    found = [each for each in changes if any(map(each.file.is_relative_to, within))]
    return found[0] if len(found) == 1 else None


def revert(changes: list[Change]) -> dict[Path, str | None]:
    """Return the texts of files without some of their changes; None for a file that is new."""
    texts: dict[Path, str | None] = {}
    for change in sorted(changes, key=lambda each: -each.lines.start):
        text = texts.get(change.file, change.file.read_text("utf-8", errors="replace"))
        if change.old is None or text is None:
            texts[change.file] = None
            continue
        lines = text.splitlines(keepends=True)
        start = change.lines.start - bool(change.lines)
        lines[start : start + len(change.lines)] = change.old
        texts[change.file] = "".join(lines)
    return texts


def _parse(root: Path, diff: str) -> Iterator[Change]:
    """Yield the changes in the output of `git diff -U0`, without those of deleted files."""
    file, old, changed, is_new = "", list[str](), None, False
    for line in [*diff.split("\n"), "@@ end"]:
        if line.startswith(("@@ ", "diff --git ")) and file and changed is not None:
            yield Change((root / file).resolve(), changed, None if is_new else tuple(old))
            changed = None
        if line.startswith("diff --git "):
            file, is_new = "", False
        elif line == "--- /dev/null":
            is_new = True
        elif (named := _FILE.match(line)) and not file:
            file = named[1] if named[1] != "/dev/null" else ""
        elif begin := _HUNK.match(line):
            first, count = int(begin[1]), int(begin[2] or 1)
            changed, old = range(first, first + count), []
        elif line.startswith("-") and changed is not None:
            old.append(line[1:] + "\n")


def _run_git(root: Path, *args: str) -> str:
    command = ["git", "-C", str(root), *args]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout if not done.returncode else ""
