"""Copies of the checkout: one for the session, and one for each test that changes files."""

import os
import shutil
from pathlib import Path

import pytest
from tests.check.mutation import copy_checkout


@pytest.fixture(scope="session")
def checkout_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that no test changes."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def root(checkout_copy: Path, tmp_path: Path) -> Path:
    """A copy for one test. Its files are hard links: replace a file, never write into it."""
    copy = shutil.copytree(checkout_copy, tmp_path / "root", symlinks=True, copy_function=os.link)
    return Path(copy)
