"""External programs: pinned in `tools/externals`, found on PATH or built into the cache.

`table` reads the pins, `build` builds a program with the Go that `golang` finds, `program_output`
finds versions and causes of failures in the output of programs, `python` installs programs that
are Python packages, and `debian` installs packages of the distribution.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic

from carbon.console import err
from carbon.externals import build as building
from carbon.externals.table import External, find, read_table
from carbon.home import home
from carbon.interrupts import note

__all__ = ["External", "State", "ensure_built", "ensure_program", "is_ready", "read_state", "table"]


@dataclass(frozen=True)
class State:
    """The state of an entry of the table of external programs: built, on PATH, or missing."""

    external: External
    built: bool
    on_path: tuple[str, ...]
    """Programs of the pinned version on PATH."""

    @property
    def ready(self) -> bool:
        """True if every program is built or on PATH."""
        return self.built or set(self.on_path) == set(self.external.programs)


@cache
def table() -> dict[str, External]:
    """Return the entries of the table of external programs, by name."""
    return read_table()


def ensure_program(program: str) -> Path:
    """Return the path of a program; build it first if it is neither built nor on PATH.

    Raises:
        CarbonError: no entry of the table has such a program, or the program can't be built.
    """
    external = find(program, table())
    name = program if program in external.programs else next(iter(external.programs))
    if building.is_built(external):
        return building.get_folder(external) / name
    return _find_on_path(external, name) or _build(external) / name


def ensure_built(names: Iterable[str]) -> None:
    """Build external programs that are not ready. A name is that of a table entry or a program.

    Raises:
        CarbonError: a name is unknown, or a program can't be built.
    """
    for external in dict.fromkeys(find(name, table()).name for name in names):
        if not is_ready(external):
            _build(table()[external])


def is_ready(name: str) -> bool:
    """Return whether every program of an entry of the table is built or on PATH."""
    return read_state(find(name, table())).ready


def read_state(external: External) -> State:
    """Return whether a table entry's programs are built, and which of them are on PATH.

    Programs on PATH are run to print their version.
    """
    if building.is_built(external):
        return State(external, built=True, on_path=())
    found = tuple(p for p in external.programs if _find_on_path(external, p))
    return State(external, built=False, on_path=found)


def _find_on_path(external: External, program: str) -> Path | None:
    arguments = external.version_arguments.get(program)
    return _search_path(program, arguments, external.version) if arguments else None


@cache
def _search_path(program: str, arguments: tuple[str, ...], version: str) -> Path | None:
    found = shutil.which(program)
    if found is None or home() in Path(found).parents:
        return None
    return Path(found) if building.has_version(Path(found), arguments, version) else None


def _build(external: External) -> Path:
    title = f"build {external.name} {external.version}"
    start = monotonic()
    with note(title):
        if err.is_terminal:
            with err.status(f"{title} …") as status:

                def report(doing: str) -> None:
                    status.update(f"{title} · {monotonic() - start:.0f} s · {doing}")

                folder = building.build(external, report)
        else:
            err.print(f"… {title}")
            folder = building.build(external, lambda _doing: None)
    err.print(f"[green]✓[/] {title} [dim]{monotonic() - start:.0f} s[/]")
    return folder
