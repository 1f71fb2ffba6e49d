"""The commit that a release packages: a clean checkout, without ignored and untracked files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from backports import tarfile

from carbon.errors import CarbonError
from carbon.process import run

_MADE = "tests/upgrade/releases"
"""Folder that `carbon release publish` itself writes."""
_REMEDY = "Run the command in a clone of the repository, with Git installed."


@dataclass(frozen=True)
class Commit:
    """A commit: its hash, and its date in UTC such as 2026-11-26T23:40:20+00:00."""

    name: str
    date: str


def read_clean_commit(checkout: Path) -> Commit:
    """Return the commit that is checked out.

    Raises:
        CarbonError: a file is changed or untracked, or the checkout is none of Git.
    """
    status = ("git", "-C", checkout, "status", "--porcelain", "--untracked-files=all")
    changed = run([*status, "--", ".", f":!{_MADE}"], remedy=_REMEDY).splitlines()
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise CarbonError(
            f"{checkout} has changes that no commit has: "
            f"{', '.join(line[3:] for line in changed[:5])}{more}",
            "Commit them, or put them aside: git stash --include-untracked",
        )
    shown = run(["git", "-C", checkout, "show", "--no-patch", "--format=%H %ct", "HEAD"])
    name, seconds = shown.split()
    return Commit(name, datetime.fromtimestamp(int(seconds), UTC).isoformat())


@contextmanager
def export_commit(checkout: Path, commit: Commit) -> Iterator[Path]:
    """Give a folder with the files of a commit while the context is open."""
    with TemporaryDirectory(prefix="carbon-release-") as folder:
        archive = Path(folder) / "tree.tar"
        run(["git", "-C", checkout, "archive", "--output", archive, commit.name], remedy=_REMEDY)
        tree = Path(folder) / "tree"
        with tarfile.open(archive) as packed:
            packed.extractall(tree, filter="data")
        archive.unlink()
        yield tree
