"""Creates a chart: renders the template, adds the entries, and writes the generated files."""

from pathlib import Path

from carbon.charts.generate.files import build_files, find_stale
from carbon.errors import CarbonError
from carbon.generated import build_documents
from carbon.interrupts import note
from carbon.process import run
from carbon.scaffold.entries import insert
from carbon.scaffold.names import check_kind, check_name, check_port, check_text
from carbon.scaffold.template import Answers, render
from carbon.scaffold.transaction import Transaction


def create_chart(root: Path, answers: Answers) -> list[Path]:
    """Write a new chart and its entries into a checkout, and return the written paths.

    Raises:
        CarbonError: the answers are refused, the checkout has uncommitted changes, or a file can't
            be built. Nothing is changed then.
    """
    check_name(root, answers.name)
    check_kind(answers.kind)
    check_text("title", answers.title)
    check_text("description", answers.description)
    check_port(answers.kind, answers.port)
    require_clean(root)
    with note(f"create charts/{answers.name}", undone=True), Transaction() as writes:
        rendered = render(root, answers)
        for path, text in rendered.files.items():
            writes.write(root / path, text)
        for path, target in rendered.links.items():
            writes.link(root / path, target)
        for entry in rendered.entries:
            path = root / entry.file
            writes.write(path, insert(path.read_text("utf-8"), entry))
        write_stale(writes, build_files(root))
        # Documents are built from renders, which read the schemas.
        write_stale(writes, build_documents())
    return writes.paths


def write_stale(writes: Transaction, files: dict[Path, str]) -> None:
    """Write the generated files that are out of date."""
    for path in find_stale(files):
        writes.write(path, files[path])


def require_clean(root: Path) -> None:
    """Raise a `CarbonError` if a checkout is no Git repository or has uncommitted changes.

    Without them, Git shows exactly what a command wrote.
    """
    git = ("git", "-C", root)
    if run([*git, "rev-parse", "--git-dir"], accept=range(256)) == "":
        raise CarbonError(
            f"{root} is not a Git repository", "Clone the repository, and run the command there."
        )
    status = run([*git, "status", "--porcelain", "--untracked-files=all"]).splitlines()
    if status:
        first = status[0][3:]
        more = f" and {len(status) - 1} more" if len(status) > 1 else ""
        raise CarbonError(
            f"the checkout has uncommitted changes: {first}{more}", "Commit or stash them first."
        )
