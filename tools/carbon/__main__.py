"""`carbon`: run the command line; every failure is one message and a non-zero exit."""

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
    """Run `carbon` with this process's arguments."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as under nohup
            signal.signal(ending, signal.default_int_handler)
    _import_commands(sys.argv[1:])
    try:
        status: int | None = app(standalone_mode=False)
    except CarbonError as error:
        status = _fail(error.what, error.remedy)
    except OSError as trouble:
        status = _fail(str(trouble), "Free space or fix access there, then run the same again.")
    except TyperException as wrong:
        status = _fail(wrong.format_message(), "See --help.", USAGE)
    except Exit as stop:
        status = stop.exit_code
    except (KeyboardInterrupt, Abort):
        status = INTERRUPTED
    except Exception as defect:
        status = _fail(f"a defect of carbon: {defect!r}", f"Please report {_kept(defect)}")
    if status == INTERRUPTED:  # which is also what Typer makes of an interrupt
        _fail("interrupted", "The same command goes on from here.")
    sys.exit(status)


def _import_commands(arguments: list[str]) -> None:
    """The module of the command that is called; all of them for help or a wrong name.

    Some bring large libraries, which the others need not wait for.
    """
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    called = [name for name in names if [name] == arguments[:1]]
    for name in called or names:
        importlib.import_module(f"carbon.commands.{name}")


def _kept(defect: Exception) -> Path:
    """Where the traceback of a defect is."""
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
