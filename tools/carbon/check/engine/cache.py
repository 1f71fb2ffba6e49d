"""The cache: results by the hash of their inputs, stored in one file between runs."""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from carbon.home import home

_STORED = 14 * 24 * 3600
"""Seconds after which a result that no run reads is deleted."""
_BATCH = 500
"""Maximum number of keys in one query."""


def open_cache() -> "Cache":
    """Return the cache of this machine's user."""
    return Cache(home() / "check" / "results.sqlite")


class Cache:
    """A table of results. A file that SQLite can't read is deleted and created again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        with closing(self._connect()) as table, table:
            table.execute(
                "CREATE TABLE IF NOT EXISTS results"
                " (key TEXT PRIMARY KEY, value TEXT NOT NULL, used REAL NOT NULL)"
            )

    def _connect(self) -> sqlite3.Connection:
        table = sqlite3.connect(self.path, timeout=60)
        table.execute("PRAGMA synchronous = OFF")  # a crash of the machine may lose results
        return table

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the stored results by key."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Any] = {}
        with closing(self._connect()) as table, table:
            for at in range(0, len(wanted), _BATCH):
                some = wanted[at : at + _BATCH]
                marks = ",".join("?" * len(some))
                rows = table.execute(f"SELECT key, value FROM results WHERE key IN ({marks})", some)  # noqa: S608
                found |= {key: json.loads(value) for key, value in rows}
        return found

    def put(self, results: Mapping[str, Any]) -> None:
        """Store results by key."""
        now = time.time()
        rows = [(key, json.dumps(value), now) for key, value in results.items()]
        with closing(self._connect()) as table, table:
            table.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    def mark_used(self, keys: Iterable[str]) -> None:
        """Record that a run reads these results; delete results not read for 14 days."""
        now = time.time()
        with closing(self._connect()) as table, table:
            table.executemany(
                "UPDATE results SET used = ? WHERE key = ? AND used < ?",
                [(now, key, now - _STORED / 14) for key in keys],
            )
            table.execute("DELETE FROM results WHERE used < ?", (now - _STORED,))
