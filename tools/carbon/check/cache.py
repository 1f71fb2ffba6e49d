"""Results by the hash of what they depend on, kept in one file between runs."""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from carbon.home import home

_KEPT = 14 * 24 * 3600
"""Seconds for which a result is kept that no run asked for."""
_AT_ONCE = 500


def results() -> "Cache":
    """The results of this machine."""
    return Cache(home() / "check" / "results.sqlite")


class Cache:
    """A table of results. What can't be read is forgotten, never an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        with closing(self._connected()) as table, table:
            table.execute(
                "CREATE TABLE IF NOT EXISTS results"
                " (key TEXT PRIMARY KEY, value TEXT NOT NULL, used REAL NOT NULL)"
            )

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=60)

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """The results that are there, by their keys."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Any] = {}
        with closing(self._connected()) as table, table:
            for at in range(0, len(wanted), _AT_ONCE):
                some = wanted[at : at + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = table.execute(f"SELECT key, value FROM results WHERE key IN ({marks})", some)  # noqa: S608
                found |= {key: json.loads(value) for key, value in rows}
        return found

    def put(self, results: Mapping[str, Any]) -> None:
        """Keep results."""
        now = time.time()
        rows = [(key, json.dumps(value), now) for key, value in results.items()]
        with closing(self._connected()) as table, table:
            table.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    def used(self, keys: Iterable[str]) -> None:
        """Note that results are still of use, and drop those that have not been for long."""
        now = time.time()
        with closing(self._connected()) as table, table:
            table.executemany(
                "UPDATE results SET used = ? WHERE key = ? AND used < ?",
                [(now, key, now - _KEPT / 14) for key in keys],
            )
            table.execute("DELETE FROM results WHERE used < ?", (now - _KEPT,))
