"""Renames a chart that was created from the template, with its files and entries."""

import tempfile
from dataclasses import replace
from pathlib import Path

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
    authors, the new name replaces the old one where it is a whole word. The chart keeps its version
    of the template.

    Raises:
        CarbonError: the chart was not created from the template, no chart can have the new name,
            the checkout has uncommitted changes, or the history lacks the version of the template.
            Nothing is changed then.
    """
    answers = read_answers(root, name)
    require_created(answers)
    check_name(root, new)
    require_clean(root)
    with note(f"rename charts/{name} to charts/{new}"), Transaction() as writes:
        old, rendered = _render_both(root, answers, new)
        rename = build_rename(name, new)
        texts = _read_renamed(root, name, old, rendered, rename)
        for path in list_files(root, name, old):
            writes.delete(path)
        for path, text in texts.items():
            writes.write(root / path, text)
        for path, target in rendered.links.items():
            writes.link(root / path, target)
        for before, after in zip(old.entries, rendered.entries, strict=True):
            path = root / before.file
            writes.write(path, rename_entry(path.read_text("utf-8"), before, after, rename))
        write_stale(writes, build_files(root))
        write_stale(writes, build_documents())
    delete_folder(root / "charts" / name)
    return writes.paths


def find_mentions(root: Path, name: str) -> list[str]:
    """Return the files of a checkout, beside the changelog, that contain a name as a word."""
    git = ("git", "-C", root, "grep", "--untracked", "--files-with-matches", "--word-regexp")
    found = run([*git, "--fixed-strings", "-e", name], accept=(0, 1)).splitlines()
    return [path for path in found if path != "CHANGELOG.md"]


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


def _read_renamed(
    root: Path, name: str, old: Rendered, new: Rendered, rename: Rename
) -> dict[Path, str]:
    """Return the new path of each file of a chart -> its renamed text.

    Files that `carbon generate` writes are not renamed, but written again.
    """
    moved = dict(zip(old.files, new.files, strict=True))
    [folder] = {path.parent for path in new.files if path.name == ANSWERS}
    generated = build_files(root)
    texts = {}
    for path in list_files(root, name, old):
        inside = path.relative_to(root)
        if path.is_symlink() or path in generated:
            continue
        target = moved.get(inside) or folder / rename(str(inside.relative_to("charts", name)))
        found = path.read_text("utf-8")
        if inside in moved:
            texts[target] = rename_lines(found, old.files[inside], new.files[target], rename)
        else:
            texts[target] = rename(found)
    return texts
