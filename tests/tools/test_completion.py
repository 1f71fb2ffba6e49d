"""Words of `carbon` and of the launchers are completed in shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from carbon.home import ROOT

CARBON = Path(sys.executable).with_name("carbon")
COMPLETE = """
source <(.venv/bin/carbon completion bash)
while read -ra COMP_WORDS; do
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  for name in "$COMP_WORDS" "${COMP_WORDS##*/}"; do  # as bash finds the function of a command
    if found=$(complete -p "$name" 2>/dev/null); then break; fi
  done
  [[ $found =~ -F\\ ([^ ]+) ]]
  "${BASH_REMATCH[1]}" "$COMP_WORDS" </dev/null
  echo "${COMPREPLY[@]}"
done
"""
"""Prints the completions of the last word of each line of its input."""
LINES = {
    ".venv/bin/carbon che": "check",
    ".venv/bin/carbon check mlf": "mlflow",
    ".venv/bin/carbon check --only publ": "published",
    ".venv/bin/carbon check --output h": "html",
    ".venv/bin/carbon cluster add pro": "prometheus",
    ".venv/bin/carbon externals build kubec": "kubeconform",
    ".venv/bin/carbon images build sea": "seaweedfs",
    "tools/test --ti": "--tier",
    "tools/test --tier up": "upgrade",
    "tools/new-chart --upd": "--update",
    "tools/new-chart --update ray": "ray-cluster",
    "tools/new-chart nothing-like-this": "",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The launchers, with a virtual environment whose `carbon` is that of the tests."""
    for name in ("lib/venv.sh", "new-chart", "test"):
        target = tmp_path / "tools" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / "tools" / name, target)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "carbon").symlink_to(CARBON)
    (programs / "python").symlink_to(sys.executable)
    (tmp_path / "requirements.lock").write_text("a==1\n")
    with (tmp_path / "requirements.lock").open() as lock:
        total = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True)
    (tmp_path / ".venv" / ".stamp").write_text(f"{tmp_path} {total.stdout}")
    return tmp_path


def run(command: list[str], folder: Path, lines: str = "", **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        input=lines,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_bash_completes_commands_options_and_their_values(checkout: Path) -> None:
    lines = "".join(f"{line}\n" for line in LINES)
    completed = run(["bash", "-euc", COMPLETE], checkout, lines).splitlines()
    assert dict(zip(LINES, completed, strict=True)) == LINES


def test_zsh_completes_with_descriptions(checkout: Path) -> None:
    script = run([".venv/bin/carbon", "completion", "zsh"], checkout)
    assert "compdef _toolstest_completion tools/test" in script
    question = {"_CARBON_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "tools/test --fa"}
    assert '"--fast":"Run only the tier static' in run(["tools/test"], checkout, **question)


def test_a_launcher_installs_no_packages_for_a_completion(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("a==2\n")
    question = {"_CARBON_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "tools/test --fa"}
    assert run(["tools/test"], checkout, **question) == ""
