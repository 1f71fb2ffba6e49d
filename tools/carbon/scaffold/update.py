"""Brings the lines of a chart that the template owns up to date, and keeps edits of them."""

import tempfile
from pathlib import Path

from carbon.charts.generate.files import build_files
from carbon.errors import CarbonError
from carbon.interrupts import note
from carbon.process import run
from carbon.scaffold.create import require_clean, write_stale
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
        CarbonError: a chart was not created from the template, the checkout has uncommitted
            changes, or its history lacks a version of the template. Nothing is changed then.
    """
    require_clean(root)
    conflicts: list[str] = []
    with note("update charts"), Transaction() as writes:
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
    """Return the path of each file of a chart that changes or has conflicts -> its merged text."""
    answers = read_answers(root, name)
    new = render(root, answers).files
    with tempfile.TemporaryDirectory() as folder:
        old = render(root, answers, _find_template(root, name, Path(folder))).files
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


def _find_template(root: Path, name: str, folder: Path) -> Path:
    """Return the template of a chart's last update, which it extracts from Git into a folder."""
    version = read_version(root, name)
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
    raise CarbonError(
        f"charts/{name}/{ANSWERS}: no commit has the version {version} of {FOLDER}",
        "Fetch the whole history (git fetch --unshallow), or write the version of the last update.",
    )
