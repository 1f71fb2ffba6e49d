"""Writes and deletes files of a checkout, all or none."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from carbon.interrupts import shield


@dataclass(frozen=True)
class File:
    """Content of a file, and whether it can be executed."""

    content: bytes
    executable: bool


class Transaction:
    """A context that undoes its changes when an error or an interrupt ends it."""

    def __init__(self) -> None:
        self._before: dict[Path, File | Path | None] = {}
        self._folders: list[Path] = []

    def __enter__(self) -> "Transaction":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            with shield():
                self._undo()

    @property
    def paths(self) -> list[Path]:
        """The paths that were written, in order."""
        return sorted(self._before)

    def write(self, path: Path, text: str) -> None:
        """Write a file, and create its folder."""
        with shield():
            self._record(path)
            path.write_text(text, "utf-8")

    def move(self, path: Path, target: Path) -> None:
        """Move a file, with its mode, or a symbolic link. `target` does not exist."""
        with shield():
            self._record(path)
            self._record(target)
            path.rename(target)
            self._delete_empty_folders(path)

    def link(self, path: Path, target: str) -> None:
        """Create a symbolic link, and its folder."""
        with shield():
            self._record(path)
            path.symlink_to(target)

    def delete(self, path: Path) -> None:
        """Delete a file or a symbolic link, and the folders that are empty then."""
        with shield():
            self._record(path)
            path.unlink()
            self._delete_empty_folders(path)

    def _delete_empty_folders(self, path: Path) -> None:
        for folder in path.parents:
            if any(folder.iterdir()):
                break
            folder.rmdir()

    def _record(self, path: Path) -> None:
        if path not in self._before:
            self._before[path] = _read(path)
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            self._folders.append(folder)

    def _undo(self) -> None:
        for path, content in self._before.items():
            if not isinstance(content, File):
                path.unlink(missing_ok=True)
            if content is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            elif content is not None:
                path.write_bytes(content.content)
                if content.executable != _is_executable(path):
                    path.chmod(path.stat().st_mode ^ 0o111)
        for folder in reversed(self._folders):
            folder.rmdir()


def _read(path: Path) -> File | Path | None:
    """Return a file, the target of a symbolic link, or None for no file."""
    if path.is_symlink():
        return path.readlink()
    return File(path.read_bytes(), _is_executable(path)) if path.exists() else None


def _is_executable(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)
