"""Duration and peak memory of child processes."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

INTERVAL_S = 0.2


@dataclass
class Usage:
    """Resources that one run used."""

    seconds: float
    bytes: int
    """Peak memory of the child processes together; shared pages count once per process."""


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
    """Resident memory of all descendants of this process, in bytes."""
    parents, pages = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                pages[int(entry.name)] = int(fields[21])
            except (OSError, ValueError, IndexError):
                continue
    family = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(pages[pid] for pid in family - {os.getpid()}) * os.sysconf("SC_PAGE_SIZE")
