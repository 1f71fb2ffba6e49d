"""Files of a chart that Helm cannot read: pipes, circular links, binary files among templates."""

import os
from collections.abc import Iterator
from pathlib import Path

TEXTS = (".yaml", ".yml", ".tpl", ".helmignore")
"""Suffixes of files that are read as text, in any folder except `files`."""


def find_unreadable_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield path and error of each file below a folder that cannot be read.

    Folders behind links are not searched.
    """
    for where, folders, names in os.walk(folder):
        for name in sorted([*folders, *names]):
            path = Path(where) / name
            what = _describe_link(path) if path.is_symlink() else _describe_file(path)
            if not what and path.is_file() and _is_text(path.relative_to(folder)):
                what = _describe_text(path)
            if what:
                yield path, what


def _describe_link(path: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except FileNotFoundError:
        return "the link leads to no file"
    except (OSError, RuntimeError):
        return "the link leads to itself"
    if path.parent.resolve().is_relative_to(target):
        return "the link leads to a folder that contains the link"
    return _describe_file(target)


def _describe_file(path: Path) -> str:
    if not (path.is_dir() or path.is_file()):
        return "a file is expected, not a pipe, a socket or a device"
    return "" if os.access(path, os.R_OK) else "this user has no permission to read the file"


def _is_text(path: Path) -> bool:
    """Return whether a file, by its path in a chart, is read as text and has no other check."""
    if str(path) in ("Chart.yaml", "values.yaml") or path.parts[0] == "files":
        return False
    return path.name.endswith(TEXTS) or path.parts[0] == "templates"


def _describe_text(path: Path) -> str:
    try:
        path.read_text("utf-8")
    except UnicodeDecodeError as wrong:
        return f"the file is not UTF-8: {wrong.reason}"
    return ""
