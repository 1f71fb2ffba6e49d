"""The error that users see, and the search for the cause of a failure in a program's output."""

import re
from collections.abc import Iterable


class CarbonError(Exception):
    """A failure that a user can act on: what is wrong and where, and what to do about it.

    It is shown as one message without a traceback; the exit status is 1.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n  → {self.remedy}" if self.remedy else self.what


Cause = tuple[str, str, str]
"""Pattern in a program's output, what is wrong, what to do.

In what is wrong, `{0}` stands for the text that the pattern matches, `{1}` for its first group.
"""


def find_cause(output: str, causes: Iterable[Cause]) -> tuple[str, str] | None:
    """Return what is wrong and what to do for the first cause whose pattern an output matches."""
    for pattern, what, remedy in causes:
        if match := re.search(pattern, output, re.IGNORECASE):
            return what.format(match[0], *match.groups()), remedy
    return None


def indent_tail(output: str, lines: int) -> str:
    """Return the last lines of a program's output, indented for a message."""
    return "\n".join(f"    {line}" for line in output.strip().splitlines()[-lines:])
