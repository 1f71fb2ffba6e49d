"""Finds the node's program that keeps exiting, and the last lines of its log."""

import re
from collections import Counter
from pathlib import Path

_START = "supervisord started with pid"
_EXIT = re.compile(r"exited: (\S+) \(.*not expected\)")
_LINES = 6
_WIDTH = 300


def diagnose(logs: Path) -> str:
    """Return which program exited most often since the node started, and the end of its log.

    `logs` is the folder with the supervisor's `node.log` and a `NAME.log` for each program. The
    result is empty if no program exited.
    """
    exits = Counter(_EXIT.findall(_read(logs / "node.log").rpartition(_START)[2]))
    if not exits:
        return ""
    [(name, times)] = exits.most_common(1)
    last = [line[:_WIDTH] for line in _read(logs / f"{name}.log").splitlines()[-_LINES:]]
    title = f"{name} exited {times} times; the last lines of its log:"
    return "\n".join([title, *(f"    {line}" for line in last)])


def _read(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
