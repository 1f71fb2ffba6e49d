"""The consoles: `out` for results, `err` for progress and errors."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from time import monotonic

from rich.console import Console

from carbon.interrupts import note

out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show a step while it runs, then a line with its duration."""
    start = monotonic()
    if not err.is_terminal:
        err.print(f"… {what}")
    with note(what), err.status(f"{what} …") if err.is_terminal else nullcontext():
        yield
    err.print(f"[green]✓[/] {what} [dim]{monotonic() - start:.0f} s[/]")
