"""Worker processes, and tasks that always return a result: an error in a task is a finding."""

import gc
import importlib
import multiprocessing
import os
import re
import signal
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result, Task
from carbon.check.findings import Finding, declare, make_finding
from carbon.errors import CarbonError
from carbon.home import ROOT

COMPLETE = declare(
    "check/complete",
    "Every step of the check ends with a result.",
    "Correct the file at this line, or what the message names; then run the check again.",
)
LARGE = ("jsonschema", "yamllint.linter")
"""Libraries that are loaded before the worker processes are forked."""
_PLACE = re.compile(r"(?P<file>[^\s:]+\.\w+)(?::(?P<line>\d+))?: (?P<what>.*)", re.S)
_FRAMES = 3
"""Maximum number of calls of a traceback that a finding shows."""


def run_task(root: Path, task: Task) -> Result:
    """Run a task; return its result, or one finding if an error ends the task."""
    try:
        return task.call(*task.args)
    except Exception as error:
        return Result([describe_error(error, root, task.chart, task.label)], failed=True)


def describe_error(error: BaseException, root: Path, chart: str = "", case: str = "") -> Finding:
    """Return an error as a finding, at the file and the line that its message begins with."""
    remedy = error.remedy if isinstance(error, CarbonError) else ""
    what = error.what if isinstance(error, CarbonError) else _describe_defect(error)
    file, line = _find_file(root, chart), 1
    if (place := _PLACE.fullmatch(what)) and isinstance(error, CarbonError):
        path = next((p for p in (root / place["file"], ROOT / place["file"]) if p.is_file()), None)
        if path is not None:
            file, line, what = path, int(place["line"] or 1), place["what"]
    return make_finding(
        COMPLETE,
        what,
        Checkout(root).format_path(file),
        line,
        chart=chart,
        case=case,
        remedy=remedy,
    )


def _describe_defect(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    calls = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
    return "\n".join([f"carbon check crashed: {error!r}", *calls])


def _find_file(root: Path, chart: str) -> Path:
    """Return the Chart.yaml of the chart, or the checkout if it has no such chart."""
    found = (each.folder for each in Checkout(root).charts if each.name == chart)
    return next((folder / "Chart.yaml" for folder in found), root)


def _ignore_interrupts() -> None:
    """Leave an interrupt to the main process, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def start_workers() -> Iterator[ProcessPoolExecutor]:
    """Start a worker process for each core, after loading what all of them need."""
    for name in LARGE:
        importlib.import_module(name)
    gc.freeze()  # exempt loaded modules from Python's garbage collection
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(os.cpu_count() or 1, context, _ignore_interrupts)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            # A task can take minutes. A worker that has just been forked would lose a SIGTERM.
            worker.kill()
        raise
    finally:
        pool.shutdown()
