"""Brings the lines of a chart that the template owns up to date, and keeps edits of them."""

import tempfile
from pathlib import Path

from carbon.charts.generate.files import build_files
from carbon.errors import CarbonError
from carbon.interrupts import note
from carbon.process import run
from carbon.scaffold.create import require_clean, write_stale
from carbon.scaffold.drift import find_drift
from carbon.scaffold.merge import Merged, merge_file
from carbon.scaffold.owners import is_authored
from carbon.scaffold.template import (
    ANSWERS,
    FOLDER,
    hash_template,
    read_answers,
    read_version,
    render,
)
from carbon.scaffold.transaction import Transaction


def update_charts(root: Path, names: list[str]) -> tuple[list[Path], list[str]]:
    """Merge the changes of the template since the last update of charts into the charts.

    Returns the written paths, and the conflicts as FILE:LINE. A conflict leaves the markers of Git
    in the file, as `git merge` does.

    Raises:
        CarbonError: a chart takes nothing from the template, the checkout has uncommitted changes,
            or a chart differs from the template and the history lacks the version of its last
            update. Nothing is changed then.
    """
    require_clean(root)
    conflicts: list[str] = []
    with note("update charts", undone=True), Transaction() as writes:
        for name in names:
            for path, merged in _merge_chart(root, name).items():
                conflicts += [f"{path}:{line}" for line in merged.conflicts]
                if merged.text is None and (root / path).exists():
                    writes.delete(root / path)
                elif merged.text is not None:
                    writes.write(root / path, merged.text)
        if not conflicts:
            write_stale(writes, build_files(root))
    return writes.paths, conflicts


def _merge_chart(root: Path, name: str) -> dict[Path, Merged]:
    """Return the path of each file of a chart that changes or has conflicts -> its merged text.

    Nothing changes if the two versions of the template are the same for the chart.
    """
    answers, version = read_answers(root, name), read_version(root, name)
    with tempfile.TemporaryDirectory() as folder:
        template = find_template(root, version, Path(folder))
        old = render(root, answers, template, version).files if template else None
    same, new = render(root, answers, version=version).files, render(root, answers).files
    if old == same:
        return {}
    if old is None:
        if any(find_drift(root, name)):
            raise CarbonError(
                f"charts/{name}/{ANSWERS}: no commit has the version {version} of {FOLDER}",
                "Fetch the whole history (git fetch --unshallow), or write the template's lines "
                "into the files that `carbon check` reports, and update again.",
            )
        old = same
    merged = {}
    for path in sorted({*old, *new}):
        found = _read(root / path)
        if not is_authored(root, path):
            merged[path] = merge_file(found, old.get(path), new.get(path))
        elif found is None and path not in old:
            merged[path] = Merged(new[path])
    return {
        path: each
        for path, each in merged.items()
        if each.conflicts or each.text != _read(root / path)
    }


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def find_template(root: Path, version: str, folder: Path) -> Path | None:
    """Return a version of the template, which it extracts from Git into a folder.

    Returns None if no commit has it: a rebase or a squash of commits leaves such a version behind.
    """
    if hash_template(root / FOLDER) == version:
        return root / FOLDER
    git = ("git", "-C", root)
    for commit in run([*git, "log", "--format=%H", "--", FOLDER]).split():
        archive, target = folder / f"{commit}.tar", folder / commit
        run([*git, "archive", "--output", archive, f"{commit}", FOLDER])
        target.mkdir()
        run(["tar", "-xf", archive, "-C", target])
        if hash_template(target / FOLDER) == version:
            return target / FOLDER
    return None
