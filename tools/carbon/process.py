"""Runs other programs, and explains why one failed."""

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from carbon.errors import CarbonError, indent_tail
from carbon.interrupts import shield

# Output of a program that names a fault of the machine -> what to do.
_CAUSES = {
    "no space left on device": "Free some space on that disk and run the same command again.",
    "temporary failure in name resolution": "Check the network and run the same command again.",
    "connection refused": "Check that the server runs, then run the same command again.",
    "permission denied": "Run the same command as a user with the permission, such as root.",
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
    """Run a program until it ends and return its standard output.

    Args:
        args: the program and its arguments.
        cwd: working directory.
        env: environment variables to set beside those of this process.
        stdin: standard input; empty if None.
        log: file to append both outputs to; the returned output is empty then.
        timeout: seconds after which the program is killed.
        remedy: what a user can do if the program is missing or fails.
        accept: exit statuses that are no failure.

    Raises:
        CarbonError: the program is missing, fails or takes too long; the message holds the last
            lines of its output.
    """
    command = [str(a) for a in args]
    if shutil.which(command[0]) is None:
        raise CarbonError(f"{command[0]} is not installed", remedy or f"Install {command[0]}.")
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    sink = log.open("a", encoding="utf-8") if log else None
    process = None
    try:
        with shield():  # an interrupt during the start would leave the program running
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=sink or subprocess.PIPE,
                stderr=subprocess.STDOUT if sink else subprocess.PIPE,
                text=True,
            )
        output, errors = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as late:
        raise CarbonError(f"{_format(command)} took more than {timeout:.0f} s", remedy) from late
    finally:
        if process:
            process.kill()
            process.wait()
        if sink:
            sink.close()
    if process.returncode not in accept:
        text = log.read_text(encoding="utf-8") if log else errors or output
        remedy = remedy or (f"Read the whole log: {log}" if log else "")
        raise _explain(command, process.returncode, text, remedy)
    return output or ""


def _explain(command: Sequence[str], status: int, output: str, remedy: str) -> CarbonError:
    """Return an error that names a problem of this machine, or else the end of the output."""
    for line in reversed(output.splitlines()):
        for sign, cure in _CAUSES.items():
            if (at := line.lower().find(sign)) >= 0:
                cause = line[max(0, at - 120) : at + len(sign)].strip()
                return CarbonError(f"{_get_program(command)}: {cause}", cure)
    tail = indent_tail(output, 12)
    return CarbonError(f"{_format(command)} ended with exit status {status}:\n{tail}", remedy)


def _get_program(command: Sequence[str]) -> str:
    """Return the name of the program.

    For a wrapper such as nsenter, this is the program after `--`.
    """
    started = command[command.index("--") + 1 :] if "--" in command else command
    return Path(started[0]).name


def _format(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])[:200]
