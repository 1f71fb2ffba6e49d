"""The linters of the repository accept a new chart of each kind, with the longest name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from carbon.home import ROOT
from carbon.scaffold.names import LONGEST
from carbon.scaffold.template import KINDS, Answers, render

LINTERS = ["ruff check", "ruff format --check", "yamllint --strict"]


@pytest.mark.parametrize("kind", KINDS)
def test_linters_accept_the_files_of_a_new_chart(kind: str, tmp_path: Path) -> None:
    rendered = render(ROOT, Answers("a" * LONGEST, kind, "A title", "A", 65535))
    for path, text in rendered.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    for name in ("pyproject.toml", ".yamllint.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for linter in LINTERS:
        program, *options = linter.split()
        command = [str(Path(sys.executable).with_name(program)), *options, "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
