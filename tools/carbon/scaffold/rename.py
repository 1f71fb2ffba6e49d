"""Renames a chart that was created from the template, with its files and entries."""

import tempfile
from dataclasses import replace
from pathlib import Path

from carbon.charts.discovery import find_charts
from carbon.charts.generate.files import build_files
from carbon.errors import CarbonError
from carbon.generated import build_documents
from carbon.interrupts import note
from carbon.process import run
from carbon.scaffold.create import require_clean, write_stale
from carbon.scaffold.entries import rename as rename_entry
from carbon.scaffold.names import check_name
from carbon.scaffold.remove import delete_folder, list_files, require_created
from carbon.scaffold.template import (
    ANSWERS,
    Answers,
    Rendered,
    derive_description,
    derive_title,
    read_answers,
    read_version,
    render,
)
from carbon.scaffold.texts import Rename, build_rename, rename_lines
from carbon.scaffold.transaction import Transaction
from carbon.scaffold.update import find_template


def rename_chart(root: Path, name: str, new: str) -> list[Path]:
    """Rename a chart and its entries in a checkout, and return the changed paths.

    Lines of the template get its lines for the new name. In all other lines, edits of the chart's
    authors, the new name replaces the old one where it is a whole word. Other files, such as
    pictures, and links only move. The chart keeps its version of the template.

    Raises:
        CarbonError: the chart was not created from the template, no chart can have the new name,
            the checkout has uncommitted changes, or the history lacks the version of the template.
            Nothing is changed then.
    """
    answers = read_answers(root, name)
    require_created(answers)
    check_name(root, new)
    require_clean(root)
    with note(f"rename charts/{name} to charts/{new}", undone=True), Transaction() as writes:
        old, rendered = _render_both(root, answers, new)
        others = {chart.name for chart in find_charts(root)} - {name}
        rename = build_rename(name, new, others)
        targets = _list_targets(root, name, old, rendered, rename)
        for path in list_files(root, name, old):
            inside = path.relative_to(root)
            if inside not in targets:
                writes.delete(path)
                continue
            target = targets[inside]
            text = None if path.is_symlink() else _read_text(path)
            writes.move(path, root / target)
            if text is not None and inside in old.files:
                text = rename_lines(text, old.files[inside], rendered.files[target], rename)
                writes.write(root / target, text)
            elif text is not None:
                writes.write(root / target, rename(text))
        for link, destination in rendered.links.items():
            writes.link(root / link, destination)
        for before, after in zip(old.entries, rendered.entries, strict=True):
            path = root / before.file
            writes.write(path, rename_entry(path.read_text("utf-8"), before, after, rename))
        write_stale(writes, build_files(root))
        write_stale(writes, build_documents())
    delete_folder(root / "charts" / name)
    return writes.paths


def find_mentions(root: Path, name: str) -> list[str]:
    """Return the texts of a checkout that contain a chart's name, after the chart was renamed.

    A text contains the name as a whole word, or in the name of a pod or claim: `name-test`,
    `name-0`, `data-name-0`. A line from before the chart, such as an example, does not count.
    """
    answers = Path("charts", name, ANSWERS)
    added = ("log", "--max-count=1", "--diff-filter=A", "--format=%P", "HEAD", "--", answers)
    parents = run(["git", "-C", root, *added]).split()
    before = _list_mentions(root, name, parents[0]) if parents else set()
    return sorted({path for path, _ in _list_mentions(root, name, "--untracked") - before})


def _list_mentions(root: Path, name: str, where: str) -> set[tuple[str, str]]:
    """Return path and text of each line that contains a name, in a commit or in `--untracked`."""
    outside = "[^-_[:alnum:]]"
    pattern = f"(^|{outside})(data-)?{name}(-test|-[0-9]+)?($|{outside})"
    git = ("git", "-C", root, "grep", "-I", "--null", "--extended-regexp", "-e", pattern, where)
    lines = run([*git, "--"], accept=(0, 1)).split("\n")
    pairs = (line.removeprefix(f"{where}:").partition("\0") for line in lines if line)
    return {(path, text) for path, _, text in pairs}


def _render_both(root: Path, answers: Answers, new: str) -> tuple[Rendered, Rendered]:
    """Render the template of the chart's last update with the old and the new name."""
    version = read_version(root, answers.name)
    title, description = answers.title, answers.description
    if title == derive_title(answers.name):
        title = derive_title(new)
    if description == derive_description(answers.kind, answers.title):
        description = derive_description(answers.kind, title)
    renamed = replace(answers, name=new, title=title, description=description)
    with tempfile.TemporaryDirectory() as folder:
        template = find_template(root, version, Path(folder))
        if template is None:
            raise CarbonError(
                f"charts/{answers.name}/{ANSWERS}: no commit has the version {version} of the "
                "chart template",
                f"Run tools/new-chart {answers.name} --update first.",
            )
        rendered = [render(root, each, template, version) for each in (answers, renamed)]
    return rendered[0], rendered[1]


def _list_targets(
    root: Path, name: str, old: Rendered, new: Rendered, rename: Rename
) -> dict[Path, Path]:
    """Return path -> new path of each file and link of a chart, both in the checkout.

    Files that `carbon generate` writes, and links of the template, have none.
    """
    targets = dict(zip(old.files, new.files, strict=True))
    [folder] = {path.parent for path in new.files if path.name == ANSWERS}
    generated = build_files(root)
    for path in list_files(root, name, old):
        inside = path.relative_to(root)
        if path not in generated and inside not in old.links and inside not in targets:
            targets[inside] = folder / rename(str(inside.relative_to("charts", name)))
    return targets


def _read_text(path: Path) -> str | None:
    """Return the text of a file, or None if the file contains no text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None
