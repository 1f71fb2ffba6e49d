"""Hashes of what a result depends on: files of a chart, the checks' own code."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

_UNSEEN = {"__pycache__", ".git"}
OF_TESTS = frozenset({"tests", "ci"})
"""Folders of a chart that no render depends on."""


def combined(parts: Iterable[object]) -> str:
    """One hash of several texts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


@cache
def of_file(path: Path) -> str:
    """The hash of a file's content; of nothing if it is not there."""
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()


@cache
def of_tree(folder: Path, without: frozenset[str] = frozenset()) -> str:
    """The hash of a folder, its files' names and contents, links followed.

    `without` names folders directly in it, or in a chart below its `charts/`, that do not count.
    """
    parts = []
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.name in _UNSEEN or (path.name in without and path.is_dir()):
            continue
        if path.is_dir():
            inner = without if folder.name == "charts" or path.name == "charts" else frozenset()
            parts += [path.name, of_tree(path.resolve(), inner)]
        else:
            parts += [path.name, of_file(path.resolve())]
    return combined(parts)


def files(folder: Path) -> Iterator[Path]:
    """All files below a folder, links followed, in order."""
    for where, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(set(folders) - _UNSEEN)
        yield from (Path(where) / name for name in sorted(names))


@cache
def of_files(folder: Path) -> dict[Path, str]:
    """The hash of every file below a folder, links followed, by its path from there."""
    resolved = cache(Path.resolve)  # of folders: each holds many files
    return {
        path.relative_to(folder): of_file(resolved(path.parent) / path.name)
        for path in files(folder)
    }


def forget() -> None:
    """Read everything anew: files have changed."""
    of_files.cache_clear()
    of_file.cache_clear()
    of_tree.cache_clear()
