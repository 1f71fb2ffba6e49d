"""Say which of the node's programs keeps ending, and what it said last."""

import re
from collections import Counter
from pathlib import Path

_START = "supervisord started with pid"
_EXIT = re.compile(r"exited: (\S+) \(.*not expected\)")
_LINES = 6
_WIDTH = 300


def diagnosis(logs: Path) -> str:
    """The program that ended most often since the node started, with the last lines of its log.

    `logs` is the folder with `node.log`, the supervisor's own, and one `NAME.log` a program.
    Empty when none ended.
    """
    ends = Counter(_EXIT.findall(_read(logs / "node.log").rpartition(_START)[2]))
    if not ends:
        return ""
    [(name, times)] = ends.most_common(1)
    last = [line[:_WIDTH] for line in _read(logs / f"{name}.log").splitlines()[-_LINES:]]
    return "\n".join([f"{name} ended {times} times; it said last:", *(f"    {x}" for x in last)])


def _read(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
