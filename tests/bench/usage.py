"""Duration of work, and peak memory of child processes."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

INTERVAL_S = 0.2


@dataclass
class Usage:
    """Resources that one run used."""

    seconds: float
    bytes: int
    """Peak memory of the child processes together; a shared page counts once (PSS)."""


def measure_seconds(work: Callable[[], object]) -> float:
    """Return the duration of some work in seconds."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


@contextmanager
def measure() -> Iterator[Usage]:
    """Measure the child processes of this process while the block runs.

    The yielded object holds the result after the block has ended.
    """
    usage, ended = Usage(0, 0), Event()

    def watch() -> None:
        while not ended.wait(INTERVAL_S):
            usage.bytes = max(usage.bytes, _sum_memory())

    watcher = Thread(target=watch)
    start = time.monotonic()
    watcher.start()
    try:
        yield usage
    finally:
        usage.seconds = time.monotonic() - start
        ended.set()
        watcher.join()


def _sum_memory() -> int:
    """Return the memory of all descendants of this process, in bytes."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):  # the process has ended
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
    family = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(map(_read_memory, family - {os.getpid()}))


def _read_memory(process: int) -> int:
    """Return the proportional set size of a process in bytes; 0 if the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
