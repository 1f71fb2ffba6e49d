"""Removes a chart that was created from the template, with its entries."""

from pathlib import Path

from carbon.charts.generate.files import build_files
from carbon.errors import CarbonError
from carbon.generated import build_documents
from carbon.interrupts import note
from carbon.scaffold.create import require_clean, write_stale
from carbon.scaffold.entries import remove
from carbon.scaffold.template import read_answers, render
from carbon.scaffold.transaction import Transaction


def remove_chart(root: Path, name: str) -> list[Path]:
    """Remove a chart and its entries from a checkout, and return the changed paths.

    Raises:
        CarbonError: the chart was not created from the template, or the checkout has uncommitted
            changes. Nothing is changed then.
    """
    answers = read_answers(root, name)
    if answers.files:
        raise CarbonError(
            f"charts/{name} was not created by tools/new-chart, which knows only its listed files",
            "Delete the chart's folder and its entries in tables yourself.",
        )
    require_clean(root)
    with note(f"remove charts/{name}"), Transaction() as writes:
        rendered = render(root, answers)
        folder = root / "charts" / name
        own = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
        outside = [root / path for path in (*rendered.files, *rendered.links)]
        for path in sorted(
            {*own, *(path for path in outside if path.is_symlink() or path.is_file())}
        ):
            writes.delete(path)
        for entry in rendered.entries:
            path = root / entry.file
            writes.write(path, remove(path.read_text("utf-8"), entry))
        write_stale(writes, build_files(root))
        write_stale(writes, build_documents())
    # helm-unittest leaves empty folders.
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    if folder.exists():
        folder.rmdir()
    return writes.paths
