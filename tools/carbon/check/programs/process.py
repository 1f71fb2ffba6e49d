"""Runs a program over a chart, and finds the lines of its output that state errors."""

import re
import subprocess
from pathlib import Path

from carbon import externals
from carbon.charts.render import COLLECTION

SHOWN = 12
"""Maximum number of lines of a program's output in a finding."""
RUN_AGAIN = "Run the same command again. If it fails again, report this message."
"""What to do if a program ends without its usual output."""
_TELLING = re.compile(r"\[(ERROR|WARNING)\]|rror|FAIL")


def run_program(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with Helm on PATH and without the user's settings."""
    helm = externals.ensure_program("helm").parent
    env = {"PATH": f"{helm}:/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "NO_COLOR": "1"}
    env |= COLLECTION
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def read_errors(done: subprocess.CompletedProcess[str]) -> str:
    """Return the lines of a program's output with errors; the last lines if none has one."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    return "\n".join((telling or lines)[-SHOWN:])
