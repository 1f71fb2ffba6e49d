"""`carbon externals`: the pinned programs that the charts' tools run, listed and built."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from carbon import externals
from carbon.app import app
from carbon.console import out

command = typer.Typer(help="List, build and find the external programs.")
app.add_typer(command, name="externals")

COLOURS = {"built": "green", "on PATH": "green", "missing": "yellow"}


class Output(StrEnum):
    """For people, or for programs."""

    text = "text"
    json = "json"


@command.callback(invoke_without_command=True)
def list_them(
    context: typer.Context,
    output: Annotated[Output, typer.Option(help="For people, or for programs.")] = Output.text,
) -> None:
    """List the external programs: version, purpose, the tier that needs them, state."""
    if context.invoked_subcommand:
        return
    rows = [externals.state(external) for external in externals.table().values()]
    if output is Output.json:
        out.print_json(json.dumps([_row(row) for row in rows]))
        return
    shown = Table("name", "version", "for", "tier", "state", box=None, header_style="dim")
    for row in rows:
        one, where = row.external, _where(row)
        shown.add_row(one.name, one.version, one.purpose, one.tier, f"[{COLOURS[where]}]{where}[/]")
    out.print(shown)


@command.command("build")
def build(
    names: Annotated[list[str] | None, typer.Argument(help="Which ones; all by default.")] = None,
) -> None:
    """Build what is missing of the named external programs, or of all."""
    externals.ensure(names or externals.table())


@command.command("path")
def path(name: Annotated[str, typer.Argument(help="A program, such as helm or kubectl.")]) -> None:
    """Print where a program is, after building it if need be."""
    out.print(externals.ensure_program(name), markup=False)


def _where(row: externals.State) -> str:
    if row.built:
        return "built"
    return "on PATH" if row.ready else "missing"


def _row(row: externals.State) -> dict[str, object]:
    one = row.external
    return {
        "name": one.name,
        "version": one.version,
        "for": one.purpose,
        "tier": one.tier,
        "programs": list(one.programs),
        "state": _where(row),
    }
