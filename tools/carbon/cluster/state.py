"""The record of the running node."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from carbon.cluster.layout import Addresses


@dataclass(frozen=True)
class State:
    """A started node, identified by its parent process."""

    parent: int
    """PID of the parent process."""
    started: int
    """Start time of the parent in clock ticks since boot, which no later process with its PID has.

    It is field 22 of /proc/PID/stat.
    """
    addresses: Addresses

    def write(self, path: Path) -> None:
        """Replace the file at `path` atomically."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    @staticmethod
    def read(path: Path) -> "State | None":
        """Return the recorded state, or None if the file is missing or invalid."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return State(raw["parent"], raw["started"], Addresses(**raw["addresses"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def is_alive(self) -> bool:
        """Return whether the parent process still runs."""
        return read_start_time(self.parent) == self.started

    def find_first_process(self) -> int:
        """Return the PID on the host of the node's process 1, or 0 without such a process."""
        children = Path(f"/proc/{self.parent}/task/{self.parent}/children")
        try:
            return int(children.read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return 0


def read_start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if it does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
