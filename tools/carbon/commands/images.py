"""`carbon images`: the images that are built here, listed and built."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from carbon.app import app
from carbon.console import out
from carbon.images import archives
from carbon.images.archives import place
from carbon.images.declared import Image, declared
from carbon.images.digest import digests
from carbon.images.document import describe_kind

command = typer.Typer(help="List and build the images that no registry serves here.")
app.add_typer(command, name="images")

COLOURS = {"built": "green", "missing": "yellow", "base": "dim"}


class Output(StrEnum):
    """For people, or for programs."""

    text = "text"
    json = "json"


@command.callback(invoke_without_command=True)
def list_them(
    context: typer.Context,
    output: Annotated[Output, typer.Option(help="For people, or for programs.")] = Output.text,
) -> None:
    """List the images: reference, stand-in or not, state, size, how each differs from upstream."""
    if context.invoked_subcommand:
        return
    images = declared()
    sums = digests(images)
    rows = [_row(image, sums) for image in images.values()]
    if output is Output.json:
        out.print_json(json.dumps(rows))
        return
    shown = Table("name", "reference", "kind", "state", "MB", box=None, header_style="dim")
    for row in rows:
        state, size = str(row["state"]), row["bytes"]
        size = f"{size / 1e6:.0f}" if isinstance(size, int) else ""
        shown.add_row(
            str(row["name"]),
            str(row["reference"]),
            str(row["kind"]),
            f"[{COLOURS[state]}]{state}[/]",
            size,
        )
    out.print(shown)
    for image in images.values():
        if image.differs:
            out.print(f"\n[bold]{image.name}[/] differs from upstream:")
        for note in image.differs:
            out.print(f"  - {note}", markup=False)


@command.command("build")
def build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or references; all that a node needs.")
    ] = None,
) -> None:
    """Build those of the named images, or of all, that are missing or changed."""
    for archive in archives(names or None):
        out.print(archive.path, markup=False)


def _row(image: Image, sums: dict[str, str]) -> dict[str, object]:
    archive = place(image, sums)
    there = archive.is_file()
    return {
        "name": image.name,
        "reference": image.reference,
        "kind": describe_kind(image),
        "purpose": image.purpose,
        "tiers": list(image.tiers),
        "state": "built" if there else "missing" if image.tiers else "base",
        "bytes": archive.stat().st_size if there else None,
        "archive": str(archive),
        "differs": list(image.differs),
    }
