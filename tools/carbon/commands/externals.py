"""`carbon externals`: lists and builds the pinned programs that charts and tests need."""

from typing import Annotated

import typer

from carbon import externals
from carbon.app import add_group
from carbon.completion import offer
from carbon.console import out
from carbon.options import Output, OutputOption, print_rows

command = add_group("externals", "List, build and find external programs.")

COLUMNS = ("name", "version", "for", "tier", "state")
COLOURS = {"built": "green", "on PATH": "green", "missing": "yellow"}


@command.callback(invoke_without_command=True)
def list_externals(context: typer.Context, output: OutputOption = Output.text) -> None:
    """List the external programs with version, purpose and the tier of tests that needs them.

    The state is built, on PATH, or missing.
    """
    if not context.invoked_subcommand:
        states = map(externals.read_state, externals.table().values())
        print_rows(list(map(_build_row, states)), output, COLUMNS, COLOURS)


@command.command("build")
def build(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names that `carbon externals` lists, or programs. Default: all.",
            autocompletion=offer(externals.table),
        ),
    ] = None,
) -> None:
    """Build external programs that are missing."""
    externals.ensure_built(names or externals.table())


@command.command("path")
def path(name: Annotated[str, typer.Argument(help="A program, such as helm or kubectl.")]) -> None:
    """Print the path of a program; build the program first if it is missing."""
    out.print(externals.ensure_program(name), markup=False)


def _build_row(state: externals.State) -> dict[str, object]:
    external = state.external
    return {
        "name": external.name,
        "version": external.version,
        "for": external.purpose,
        "tier": external.tier,
        "programs": list(external.programs),
        "state": "built" if state.built else "on PATH" if state.ready else "missing",
    }
