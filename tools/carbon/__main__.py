"""`carbon`: runs the command line; each failure is one message and a non-zero exit status."""

import importlib
import os
import pkgutil
import sys
import traceback
from pathlib import Path

from rich.markup import escape
from typer import Abort, Exit
from typer.exceptions import TyperException

from carbon import commands, completion, interrupts
from carbon.app import app
from carbon.cluster import access
from carbon.console import err
from carbon.errors import CarbonError
from carbon.home import home
from carbon.interrupts import Interrupt

_INTERRUPTED = 130
_USAGE = 2


def main() -> None:
    """Run `carbon` with the arguments of this process."""
    interrupts.handle()
    asked = completion.VARIABLE in os.environ
    try:
        _import_commands(completion.prepare(sys.argv[1:]) if asked else sys.argv[1:])
        status = _run()
    except KeyboardInterrupt:
        status = _INTERRUPTED
    if Interrupt.first:  # its message explains the error of a program that the same signal ended
        status = _fail(str(Interrupt.first), describe_rest(Interrupt.first), Interrupt.first.status)
    sys.exit(status)


def _run() -> int | None:
    """Run the command and return its exit status; print the message of an error."""
    try:
        status: int | None = app(standalone_mode=False)
        return status
    except Exit as stop:
        return stop.exit_code
    except Exception as error:
        if Interrupt.first:
            return _INTERRUPTED
        return _report(error)


def _report(error: Exception) -> int:
    if isinstance(error, CarbonError):
        return _fail(error.what, error.remedy)
    if isinstance(error, OSError):
        return _fail(
            str(error),
            "Check the path, its permissions and the free space, then run the same command again.",
        )
    if isinstance(error, Abort):
        return _fail("the input has ended without an answer", "Pass options; see --help.", _USAGE)
    if isinstance(error, TyperException):
        return _fail(error.format_message(), "See --help.", _USAGE)
    log = _write_traceback(error)
    return _fail(
        f"an error in carbon itself: {error!r}", f"Please report this error with the file {log}."
    )


def describe_rest(interrupt: Interrupt) -> str:
    """Return what an interrupted command leaves behind, and how to continue, as one text."""
    if interrupt.is_undone:
        return "Nothing was changed. Run the same command again."
    kept = "What is complete stays as it is: builds, images, data and objects of the cluster."
    if access.read_state():
        kept += " The local node runs; carbon down stops it."
    return f"{kept} Running the same command again continues."


def _import_commands(arguments: list[str]) -> None:
    """Import the module of the called command, or every module for help or an unknown command.

    Some modules import libraries that load slowly.
    """
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    called = [name for name in names if [name.replace("_", "-")] == arguments[:1]]
    for name in called or names:
        importlib.import_module(f"carbon.commands.{name}")


def _write_traceback(defect: Exception) -> Path:
    """Write the traceback of an exception to a log, and return its path."""
    log = home() / "logs" / "defect.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(traceback.format_exception(defect)), encoding="utf-8")
    return log


def _fail(what: str, remedy: str, status: int = 1) -> int:
    err.print(f"[red]✗[/] {escape(what)}")
    if remedy:
        err.print(f"  [yellow]→[/] {escape(remedy)}")
    return status


if __name__ == "__main__":
    main()
