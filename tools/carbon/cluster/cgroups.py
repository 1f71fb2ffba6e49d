"""The parent cgroup of all pods, in every hierarchy of the host (version 1, 2 or hybrid).

The module also runs as a program beside the node: when the node's parent process ends, the kernel
removes the node's Linux namespaces and all in them, but not the cgroups: the program removes these.
"""

import os
import select
import sys
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_WEIGHTS = {"cpu.shares": "8192", "cpu.weight": "800"}
"""CPU weight of the cgroup in versions 1 and 2: 8 times the default.

With the default, a build on the host takes so much CPU time from the pods that their probes fail.
"""


def create(name: str) -> None:
    """Create the cgroup with the controllers and values that the kubelet expects."""
    for hierarchy in _list_hierarchies():
        group = hierarchy / name
        group.mkdir(exist_ok=True)
        _configure(hierarchy, group)


def _configure(hierarchy: Path, group: Path) -> None:
    controllers = hierarchy / "cgroup.controllers"
    if controllers.exists():  # version 2: a parent enables controllers for its children
        for controller in controllers.read_text(encoding="utf-8").split():
            for folder in (hierarchy, group):
                (folder / "cgroup.subtree_control").write_text(f"+{controller}", encoding="utf-8")
    for file, weight in _WEIGHTS.items():
        if (group / file).exists():
            (group / file).write_text(weight, encoding="utf-8")
    for file in ("cpuset.cpus", "cpuset.mems"):  # version 1: empty until set
        if (group / "cpuset.mem_exclusive").exists():
            value = (hierarchy / file).read_text(encoding="utf-8").strip()
            (group / file).write_text(value, encoding="utf-8")


def remove(name: str, patience: float = 10.0) -> None:
    """Remove the cgroup and its children; wait up to `patience` seconds for processes to end.

    After this time, cgroups with processes remain, without an error.
    """
    deadline = time.monotonic() + patience
    while left := [g for h in _list_hierarchies() for g in _list_groups(h / name)]:
        for group in left:
            try:
                group.rmdir()
            except OSError:
                continue
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def list_processes(name: str) -> set[int]:
    """Return the PIDs of all pods' processes, as this process's PID namespace numbers them."""
    groups = [g for h in _list_hierarchies() for g in _list_groups(h / name)]
    return {int(line) for group in groups for line in _read_lines(group / "cgroup.procs")}


def _read_lines(file: Path) -> list[str]:
    """Return the lines of a cgroup's file; none if the cgroup does not exist any more."""
    try:
        return file.read_text(encoding="utf-8").split()
    except OSError:
        return []


def _list_hierarchies() -> list[Path]:
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [p for p in _ROOT.iterdir() if p.is_dir() and not p.is_symlink()]


def _list_groups(group: Path) -> list[Path]:
    """Return the cgroup and its descendants, deepest first; ignore cgroups that vanish."""
    return [Path(folder) for folder, _, _ in os.walk(group, topdown=False)]


def main() -> None:
    """Wait for a process to end, then remove a cgroup; the arguments are its PID and its name."""
    try:
        parent = os.pidfd_open(int(sys.argv[1]))
    except ProcessLookupError:
        pass
    else:
        select.select([parent], [], [])
    remove(sys.argv[2])


if __name__ == "__main__":
    main()
