"""Removes a chart that was created from the template, with its entries."""

from pathlib import Path

from carbon.charts.generate.files import build_files
from carbon.errors import CarbonError
from carbon.generated import build_documents
from carbon.interrupts import note
from carbon.scaffold.create import require_clean, write_stale
from carbon.scaffold.entries import remove
from carbon.scaffold.template import Answers, Rendered, read_answers, render
from carbon.scaffold.transaction import Transaction


def remove_chart(root: Path, name: str) -> list[Path]:
    """Remove a chart and its entries from a checkout, and return the changed paths.

    Raises:
        CarbonError: the chart was not created from the template, or the checkout has uncommitted
            changes. Nothing is changed then.
    """
    answers = read_answers(root, name)
    require_created(answers)
    require_clean(root)
    with note(f"remove charts/{name}", undone=True), Transaction() as writes:
        rendered = render(root, answers)
        for path in list_files(root, name, rendered):
            writes.delete(path)
        for entry in rendered.entries:
            path = root / entry.file
            writes.write(path, remove(path.read_text("utf-8"), entry))
        write_stale(writes, build_files(root))
        write_stale(writes, build_documents())
    delete_folder(root / "charts" / name)
    return writes.paths


def require_created(answers: Answers) -> None:
    """Raise a `CarbonError` if a chart was written without the template."""
    if answers.files:
        raise CarbonError(
            f"charts/{answers.name} was not created by tools/new-chart, which knows only its "
            "listed files",
            "Move or delete the chart's folder and its entries in tables yourself.",
        )


def list_files(root: Path, name: str, rendered: Rendered) -> list[Path]:
    """Return the files and links of a chart in a checkout, also those outside of its folder."""
    paths = {
        *(root / "charts" / name).rglob("*"),
        *(root / path for path in (*rendered.files, *rendered.links)),
    }
    return sorted(path for path in paths if path.is_symlink() or path.is_file())


def delete_folder(folder: Path) -> None:
    """Delete a folder that has only empty folders, which helm-unittest leaves."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    if folder.exists():
        folder.rmdir()
