"""Interrupts by Ctrl-C, SIGTERM and SIGHUP, and the message about the interrupted step."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = {
    signal.SIGINT: "Ctrl-C (SIGINT)",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "SIGHUP (the terminal was closed)",
}
_steps: list[tuple[str, bool]] = []
"""The steps that run now, the innermost last, and whether an interrupt undoes the step."""
_shields = 0
_delayed: "list[Interrupt]" = []
"""Interrupts that came while a shield was open."""


class Interrupt(KeyboardInterrupt):
    """A signal that ends this process; cleanup runs first."""

    first: "Interrupt | None" = None
    """The first interrupt of this process.

    The same signal also ends programs that this process started. Their failure can raise another
    error before this one.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.during, self.is_undone = _steps[-1] if _steps else ("", False)

    def __str__(self) -> str:
        during = f" during: {self.during}" if self.during else ""
        return f"interrupted by {_NAMES[signal.Signals(self.number)]}{during}"

    @property
    def status(self) -> int:
        """The exit status of this process, as shells set it."""
        return 128 + self.number


def handle() -> None:
    """Raise `Interrupt` in the main thread when this process gets one of the signals."""
    for number in _NAMES:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _interrupt)


def _interrupt(number: int, _: FrameType | None) -> None:
    interrupt = Interrupt(number)
    if Interrupt.first is None:
        Interrupt.first = interrupt
        os.write(2, "\n… interrupted, cleaning up\n".encode())
    if _shields:
        _delayed.append(interrupt)
    else:
        raise interrupt


@contextmanager
def shield() -> Iterator[None]:
    """Delay interrupts while the context is open, such as until a started process is recorded.

    In other threads than the main one, which no signal interrupts, it does nothing.
    """
    global _shields
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _shields += 1
    try:
        yield
    finally:
        _shields -= 1
        if _delayed and not _shields:
            interrupt = _delayed[0]
            _delayed.clear()
            raise interrupt


@contextmanager
def note(step: str, *, undone: bool = False) -> Iterator[None]:
    """Name the step that runs while the context is open, for the message about an interrupt.

    `undone` states that the step undoes its changes when an interrupt ends it.
    """
    _steps.append((step, undone))
    try:
        yield
    finally:
        _steps.remove((step, undone))
