"""Computes hashes of what a result depends on: the files of a chart, and the code of the check."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from carbon.charts.discovery import Chart

_UNSEEN = {"__pycache__", ".git"}
OF_TESTS = frozenset({"tests", "ci"})
"""The folders of a chart that no render depends on."""


def combine(parts: Iterable[object]) -> str:
    """Return one hash of several texts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


_EMPTY = combine([])


@cache
def hash_file(path: Path) -> str:
    """Return the hash of a file's content; of the empty content if the file is missing."""
    return hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()


@cache
def hash_tree(folder: Path, without: frozenset[str] = frozenset()) -> str:
    """Return the hash of the names and contents of all files below a folder, links followed.

    `without` names folders that do not count, in the folder or in a chart below its `charts/`.
    Empty folders do not count: helm-unittest creates one beside tests.
    """
    parts = []
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.name in _UNSEEN or (path.name in without and path.is_dir()):
            continue
        if path.is_dir():
            inner = without if folder.name == "charts" or path.name == "charts" else frozenset()
            if (content := hash_tree(path.resolve(), inner)) != _EMPTY:
                parts += [path.name, content]
        else:
            parts += [path.name, hash_file(path.resolve())]
    return combine(parts)


def list_files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder in order, links followed."""
    for where, names in _walk(folder):
        yield from (Path(where) / name for name in names)


def _walk(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder at and below a folder with the names of its files, in order."""
    for where, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(set(folders) - _UNSEEN)
        yield where, sorted(names)


@cache
def hash_files(folder: Path) -> dict[Path, str]:
    """Return the hash of every file below a folder by its relative path, links followed."""
    found: dict[Path, str] = {}
    for where, names in _walk(folder):
        inside, real = Path(os.path.relpath(where, folder)), Path(os.path.realpath(where))
        found |= {inside / name: hash_file(real / name) for name in names}
    return found


def hash_render_inputs(chart: Chart) -> str:
    """Return the hash of everything in a chart that its renders depend on."""
    return hash_tree(chart.folder.resolve(), OF_TESTS)


def hash_chart(chart: Chart) -> str:
    """Return the hash of a chart with its tests and CI values."""
    return combine([hash_tree(chart.folder.resolve()), hash_render_inputs(chart)])


def clear_caches() -> None:
    """Read all files again from now on: they have changed."""
    hash_files.cache_clear()
    hash_file.cache_clear()
    hash_tree.cache_clear()
