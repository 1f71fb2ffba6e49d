"""Completes words of command lines in shells, with Typer.

A shell asks by running the command with `VARIABLE` in its environment. A launcher, such as
tools/test, is completed as the command that it runs, such as `carbon test`.
"""

import os
from collections.abc import Callable, Iterable
from enum import StrEnum

from carbon.charts.discovery import find_charts
from carbon.errors import CarbonError

VARIABLE = "_CARBON_COMPLETE"
"""Environment variable with what a shell asks for; Typer derives its name from the command's."""
PROGRAMS = ("carbon", ".venv/bin/carbon", "tools/down", "tools/new-chart", "tools/test", "tools/up")
_LINES = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Variables in which bash and zsh pass the words of the command line."""


class Shell(StrEnum):
    """A shell with completion."""

    BASH = "bash"
    ZSH = "zsh"


def write_script(shell: Shell) -> str:
    """Return the script that completes the words of each program of this project in a shell."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    scripts = (
        get_completion_script(prog_name=program, complete_var=VARIABLE, shell=shell)
        for program in PROGRAMS
    )
    return "\n\n".join(scripts)


def prepare(arguments: list[str]) -> list[str]:
    """Prepare Typer for the question of a shell, and return the words of the command line.

    Args:
        arguments: the arguments of this process: those that a launcher adds, such as `test`.
    """
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
    words: list[str] = []
    for variable in filter(os.environ.get, _LINES):
        program, *_ = os.environ[variable].split(maxsplit=1)
        rest = os.environ[variable].removeprefix(program)
        os.environ[variable] = " ".join([program, *arguments]) + rest
        words = [*arguments, *rest.split()]
    if at := os.environ.get("COMP_CWORD"):
        os.environ["COMP_CWORD"] = str(int(at) + len(arguments))
    return words


def offer(list_values: Callable[[], Iterable[str]]) -> Callable[[], list[str]]:
    """Return a function that Typer calls for the values of an argument or an option.

    It returns none if an error keeps `list_values` from reading them: a shell has no place for
    messages.
    """

    def list_offered() -> list[str]:
        try:
            return list(list_values())
        except CarbonError:
            return []

    return list_offered


def list_charts() -> list[str]:
    """Return the names of all charts of the checkout."""
    return [chart.name for chart in find_charts()]
