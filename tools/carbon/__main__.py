"""`carbon`: runs the command line; each failure is one message and a non-zero exit status."""

import importlib
import pkgutil
import signal
import sys
import traceback
from pathlib import Path

from rich.markup import escape
from typer import Abort, Exit
from typer.exceptions import TyperException

from carbon import commands
from carbon.app import app
from carbon.console import err
from carbon.errors import CarbonError
from carbon.home import home

INTERRUPTED = 130
USAGE = 2


def main() -> None:
    """Run `carbon` with the arguments of this process."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)
    _import_commands(sys.argv[1:])
    try:
        status: int | None = app(standalone_mode=False)
    except CarbonError as error:
        status = _fail(error.what, error.remedy)
    except OSError as trouble:
        status = _fail(
            str(trouble),
            "Free space or correct the permissions, then run the same command again.",
        )
    except TyperException as wrong:
        status = _fail(wrong.format_message(), "See --help.", USAGE)
    except Exit as stop:
        status = stop.exit_code
    except (KeyboardInterrupt, Abort):
        status = INTERRUPTED
    except Exception as defect:
        log = _write_traceback(defect)
        status = _fail(f"an error in carbon itself: {defect!r}", f"Please report {log}")
    if status == INTERRUPTED:  # Typer returns this status for an interrupt, too
        _fail("interrupted", "Running the same command again continues.")
    sys.exit(status)


def _import_commands(arguments: list[str]) -> None:
    """Import the module of the called command, or every module for help or an unknown command.

    Some modules import libraries that load slowly.
    """
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    called = [name for name in names if [name] == arguments[:1]]
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
