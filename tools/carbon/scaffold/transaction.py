"""Writes and deletes files of a checkout, all or none."""

from pathlib import Path
from types import TracebackType

from carbon.interrupts import shield


class Transaction:
    """A context that undoes its changes when an error or an interrupt ends it."""

    def __init__(self) -> None:
        self._before: dict[Path, bytes | Path | None] = {}
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
            if not isinstance(content, bytes):
                path.unlink(missing_ok=True)
            if content is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            elif content is not None:
                path.write_bytes(content)
        for folder in reversed(self._folders):
            folder.rmdir()


def _read(path: Path) -> bytes | Path | None:
    """Return the content of a file, the target of a symbolic link, or None for no file."""
    if path.is_symlink():
        return path.readlink()
    return path.read_bytes() if path.exists() else None
