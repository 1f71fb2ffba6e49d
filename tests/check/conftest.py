"""Copies of the checkout: one that nothing has broken, and for each test one to break."""

import os
import shutil
from pathlib import Path

import pytest
from tests.check.mutation import copied


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that nothing has broken."""
    return copied(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    """A copy to break: links to the files of the whole one, so that it costs nearly nothing."""
    copy = shutil.copytree(whole, tmp_path / "root", symlinks=True, copy_function=os.link)
    return Path(copy)
