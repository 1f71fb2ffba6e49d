"""External programs: pinned in `tools/externals`, taken from PATH or built into the cache."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic

from carbon.console import err
from carbon.externals import build as building
from carbon.externals.table import External, find, load
from carbon.home import home

__all__ = ["External", "State", "ensure", "ensure_program", "is_ready", "state", "table"]


@dataclass(frozen=True)
class State:
    """Where an external's programs are now."""

    external: External
    built: bool
    on_path: tuple[str, ...]
    """Those of the right version that PATH has."""

    @property
    def ready(self) -> bool:
        """Whether every program can be used at once."""
        return self.built or set(self.on_path) == set(self.external.programs)


@cache
def table() -> dict[str, External]:
    """All externals by name."""
    return load()


def ensure_program(program: str) -> Path:
    """Return the path of a program; build the program first if it is missing.

    Raises:
        CarbonError: no row of the table has this program, or its build fails.
    """
    external = find(program, table())
    name = program if program in external.programs else next(iter(external.programs))
    if building.is_built(external):
        return building.place(external) / name
    return _found(external, name) or _build(external) / name


def ensure(names: Iterable[str]) -> None:
    """Build those of the named externals (or programs) that are not there yet.

    Raises:
        CarbonError: one is unknown or can't be built.
    """
    for external in dict.fromkeys(find(name, table()).name for name in names):
        if not is_ready(external):
            _build(table()[external])


def is_ready(name: str) -> bool:
    """Whether all programs of an external are there, on PATH or built."""
    return state(find(name, table())).ready


def state(external: External) -> State:
    """Where an external's programs are. Programs on PATH are asked for their version."""
    if building.is_built(external):
        return State(external, built=True, on_path=())
    there = tuple(p for p in external.programs if _found(external, p))
    return State(external, built=False, on_path=there)


def _found(external: External, program: str) -> Path | None:
    ask = external.ask.get(program)
    return _on_path(program, ask, external.version) if ask else None


@cache
def _on_path(program: str, ask: tuple[str, ...], version: str) -> Path | None:
    found = shutil.which(program)
    if found is None or home() in Path(found).parents:
        return None
    return Path(found) if building.says_version(Path(found), ask, version) else None


def _build(external: External) -> Path:
    what = f"building {external.name} {external.version}"
    start = monotonic()
    if err.is_terminal:
        with err.status(f"{what} …") as shown:

            def report(doing: str) -> None:
                shown.update(f"{what} · {monotonic() - start:.0f} s · {doing}")

            done = building.build(external, report)
    else:
        err.print(f"… {what}")
        done = building.build(external, lambda _doing: None)
    err.print(f"[green]✓[/] {what} [dim]{monotonic() - start:.0f} s[/]")
    return done
