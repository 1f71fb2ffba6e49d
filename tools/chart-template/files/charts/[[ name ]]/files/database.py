"""The SQLite database of a store, and the steps of its backup.

Velero runs `database.py STEP FOLDER` in the store's container:
  before  write a consistent dump of the database to the folder, and its checksum
  after   delete the folder
  check   compare the database of a restored store with the dump
"""

import hashlib
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

NAME = "store.db"


def execute(database: Path, statement: str, *values: str | bytes) -> list:
    """Return the rows of a statement, after its changes are on the volume."""
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def restore(database: Path) -> None:
    """Replace a database that Velero has restored by its dump, once after each restore.

    Velero copies the files of a running store one by one, so they can be from different moments.
    RESTORE is the name of the Restore that created the pod.
    """
    dump = database.parent / "backup" / NAME
    done, name = database.with_name("restored"), os.environ.get("RESTORE", "")
    if not name or not dump.exists() or (done.exists() and done.read_text() == name):
        return
    copy = Path(shutil.copyfile(dump, database.with_name("copy")))
    database.with_name(f"{database.name}-journal").unlink(missing_ok=True)
    copy.replace(database)
    done.write_text(name)
    print(f"{database}: replaced by the dump in the Restore {name}", flush=True)


def write_dump(database: Path, folder: Path) -> None:
    """Write a dump and its checksum to a folder."""
    delete_dump(folder)
    folder.mkdir()
    with (
        closing(sqlite3.connect(database, timeout=30)) as source,
        closing(sqlite3.connect(folder / NAME)) as target,
    ):
        source.backup(target)
    (folder / "SHA256").write_text(hash_file(folder / NAME))


def delete_dump(folder: Path) -> None:
    """Delete the folder with the dump."""
    if folder.exists():
        shutil.rmtree(folder)


def check_dump(database: Path, folder: Path) -> None:
    """End with an error if the dump differs from its checksum, or the database from the dump."""
    if hash_file(folder / NAME) != (folder / "SHA256").read_text():
        sys.exit(f"{folder / NAME} differs from its checksum")
    with (
        closing(sqlite3.connect(database)) as found,
        closing(sqlite3.connect(folder / NAME)) as dump,
    ):
        if any(a != b for a, b in zip_longest(found.iterdump(), dump.iterdump())):
            sys.exit(f"{database} differs from {folder / NAME}")
    print(f"{database} equals {folder / NAME}")


def hash_file(path: Path) -> str:
    """Return the SHA-256 hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    step, folder = sys.argv[1], Path(sys.argv[2])
    if step == "after":
        delete_dump(folder)
    else:
        {"before": write_dump, "check": check_dump}[step](folder.parent / NAME, folder)
