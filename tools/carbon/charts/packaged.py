"""Lists the files that Helm loads from a chart, without those that .helmignore excludes.

The rules are those of pkg/ignore/rules.go and pkg/chart/v2/loader/directory.go in Helm 4.3.1. Helm
reads the .helmignore of the chart that it packages or installs, and not those of its subcharts.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

_IGNORED = "/".join(["templates", ".?*"])
"""Pattern that Helm adds to those of every chart."""
_UNSEEN = {".git"}
"""Folders that a checkout may have, but no release: `carbon release` packages a commit."""


@cache
def list_packaged(folder: Path) -> tuple[str, ...]:
    """Return the paths in a chart's folder of the files that Helm loads, links followed."""
    file = folder / ".helmignore"
    lines = file.read_text("utf-8-sig").splitlines() if file.is_file() else []
    stripped = [line.strip() for line in lines]
    patterns = [line for line in stripped if line and not line.startswith("#")]
    return tuple(_list_files(folder, "", (*patterns, _IGNORED)))


def _list_files(folder: Path, inside: str, patterns: tuple[str, ...]) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        name = f"{inside}{path.name}"
        if path.name in _UNSEEN or is_ignored(name, path.is_dir(), patterns):
            continue
        if path.is_dir():
            yield from _list_files(path, f"{name}/", patterns)
        else:
            yield name


def is_ignored(path: str, is_folder: bool, patterns: tuple[str, ...]) -> bool:
    """Return whether the first pattern that decides excludes a path.

    A pattern with `!` excludes every path that it does not match, and decides nothing else.
    """
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        fits = (is_folder or not bare.endswith("/")) and _matches(bare.rstrip("/"), path)
        if fits != (bare != pattern):
            return True
    return False


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches a path, or the path's last name if it has no slash."""
    if "/" not in pattern:
        return fnmatchcase(path.rpartition("/")[2], pattern)
    wanted, given = pattern.removeprefix("/").split("/"), path.split("/")
    return len(wanted) == len(given) and all(map(fnmatchcase, given, wanted))
