"""Fixtures: a copy of the checkout that a test can change, and the date of the tests."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.check.mutation import copy_checkout

from carbon.check.rules.lifecycle import images

TODAY = date(2026, 11, 29)
"""The date of the tests, so that no test fails on the day on which a line of an image ends."""


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set today's date for the rules about images."""
    monkeypatch.setattr(images, "get_today", lambda: TODAY)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that no test changes."""
    return copy_checkout(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="session")
def copy(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hard links to the files of the original: replace a file, never write into it."""
    path = tmp_path_factory.mktemp("copy") / "root"
    shutil.copytree(original, path, symlinks=True, copy_function=os.link)
    return path


@pytest.fixture
def root(original: Path, copy: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy to change, at a path of its own: the check caches what it reads by path."""
    path = copy.rename(tmp_path / "root")
    yield path
    restore(path, original)
    path.rename(copy)


def restore(copy: Path, original: Path) -> None:
    """Delete the files that a test added, and link again those that a test replaced or deleted."""
    before, after = list_inodes(original), list_inodes(copy)
    for name in {name for name, _ in after.items() ^ before.items()}:
        (copy / name).unlink(missing_ok=True)
        if name in before:
            os.link(original / name, copy / name)


def list_inodes(folder: Path) -> dict[str, int]:
    """Return the inodes of the files below a folder by relative path; links are not followed."""
    return {
        f"{where}/{entry.name}".removeprefix(f"{folder}/"): entry.inode()
        for where, _, _ in os.walk(folder)
        for entry in os.scandir(where)
        if entry.is_file(follow_symlinks=False)
    }
