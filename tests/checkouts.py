"""Copies of the checkout, in which tests and benchmarks create charts."""

import os
import subprocess
import sys
from pathlib import Path

from carbon.home import ROOT


def copy_checkout(copy: Path) -> Path:
    """Clone the checkout, with its uncommitted changes in one commit, to an empty folder."""
    run_git(ROOT, "clone", "--quiet", "--shared", str(ROOT), str(copy))
    run_git(copy, "rm", "-r", "--quiet", ".")
    listed = run_git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.exists():
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    run_git(copy, "add", "--all")
    run_git(copy, "commit", "--quiet", "--allow-empty", "--message", "a copy")
    return copy


def run_git(root: Path, *args: str) -> str:
    author = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ["git", "-C", root, *author, *args], check=True, capture_output=True, text=True
    )
    return done.stdout


def run_carbon(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the `carbon` of a checkout; `stdout` has both outputs."""
    return subprocess.run(
        [sys.executable, "-m", "carbon", *args],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "tools"), "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
