"""The cgroup that all pods live under, in every hierarchy of the host (version 1, 2 or hybrid)."""

import os
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_WEIGHTS = {"cpu.shares": "8192", "cpu.weight": "800"}
"""Of version 1 and 2: as much as eight busy processes of the host. With one's share, as by default,
a build beside the cluster starves its pods until their probes fail."""


def create(name: str) -> None:
    """Make the cgroup, with the controllers and defaults that the kubelet expects."""
    for hierarchy in _hierarchies():
        group = hierarchy / name
        group.mkdir(exist_ok=True)
        _inherit(hierarchy, group)


def _inherit(hierarchy: Path, group: Path) -> None:
    controllers = hierarchy / "cgroup.controllers"
    if controllers.exists():  # version 2: a child has the controllers that its parent lends
        for controller in controllers.read_text(encoding="utf-8").split():
            for place in (hierarchy, group):
                (place / "cgroup.subtree_control").write_text(f"+{controller}", encoding="utf-8")
    for file, weight in _WEIGHTS.items():
        if (group / file).exists():
            (group / file).write_text(weight, encoding="utf-8")
    for file in ("cpuset.cpus", "cpuset.mems"):  # version 1: empty until set
        if (group / "cpuset.mem_exclusive").exists():
            value = (hierarchy / file).read_text(encoding="utf-8").strip()
            (group / file).write_text(value, encoding="utf-8")


def remove(name: str, patience: float = 10.0) -> None:
    """Remove the cgroup and all below it; wait up to `patience` seconds for its processes to go."""
    deadline = time.monotonic() + patience
    while left := [g for h in _hierarchies() for g in _below(h / name)]:
        for group in left:
            try:
                group.rmdir()
            except OSError:
                continue
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def processes(name: str) -> set[int]:
    """The processes of all pods, as this process's PID namespace numbers them."""
    groups = [g for h in _hierarchies() for g in _below(h / name)]
    return {int(line) for group in groups for line in _lines(group / "cgroup.procs")}


def _lines(file: Path) -> list[str]:
    """A cgroup's file; nothing once the cgroup has gone."""
    try:
        return file.read_text(encoding="utf-8").split()
    except OSError:
        return []


def _hierarchies() -> list[Path]:
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [p for p in _ROOT.iterdir() if p.is_dir() and not p.is_symlink()]


def _below(group: Path) -> list[Path]:
    """The group and its descendants, deepest first; one that goes meanwhile is passed over."""
    return [Path(folder) for folder, _, _ in os.walk(group, topdown=False)]
