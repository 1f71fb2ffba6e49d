"""Other programs: run them, and say plainly what went wrong when they fail."""

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from carbon.errors import CarbonError

# What a program prints when the machine, not the program, is the trouble.
_CAUSES = {
    "no space left on device": "Free some space on that disk and run the same command again.",
    "temporary failure in name resolution": "Check the network and run the same command again.",
    "connection refused": "Check that what it connects to is running, then try again.",
    "permission denied": "Run it as a user who may do that (root, for the local cluster).",
}


def run(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    log: Path | None = None,
    timeout: float | None = None,
    remedy: str = "",
    accept: Collection[int] = (0,),
) -> str:
    """Run a program to its end and return what it printed.

    `env` is added to this process's environment; `log` receives both outputs instead of the
    caller (nothing is returned then); `timeout` is in seconds; `accept` holds
    the exit statuses that are no failure.

    Raises:
        CarbonError: the program is missing, failed or took too long; the message holds the last
            lines it printed and what to do.
    """
    command = [str(a) for a in args]
    if shutil.which(command[0]) is None:
        raise CarbonError(f"{command[0]} is not installed", remedy or f"Install {command[0]}.")
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    sink = log.open("a", encoding="utf-8") if log else None
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=sink or subprocess.PIPE,
            stderr=subprocess.STDOUT if sink else subprocess.PIPE,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise CarbonError(f"{_shown(command)} took more than {timeout:.0f} s", remedy) from late
    finally:
        if sink:
            sink.close()
    if done.returncode not in accept:
        said = log.read_text(encoding="utf-8") if log else done.stderr or done.stdout
        raise _failure(command, done.returncode, said, remedy or (f"The log: {log}" if log else ""))
    return done.stdout or ""


def _failure(command: Sequence[str], status: int, said: str, remedy: str) -> CarbonError:
    """One line where the machine is the trouble; else the last lines that the program printed."""
    for line in reversed(said.splitlines()):
        for sign, cure in _CAUSES.items():
            if (at := line.lower().find(sign)) >= 0:
                cause = line[max(0, at - 120) : at + len(sign)].strip()
                return CarbonError(f"{_program(command)}: {cause}", cure)
    return CarbonError(f"{_shown(command)} failed ({status}):\n{_tail(said)}", remedy)


def _program(command: Sequence[str]) -> str:
    """What really runs: the program that another one was asked to start."""
    real = command[command.index("--") + 1 :] if "--" in command else command
    return Path(real[0]).name


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])[:200]


def _tail(text: str, lines: int = 12) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])
