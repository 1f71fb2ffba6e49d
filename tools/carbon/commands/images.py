"""`carbon images`: lists and builds the images for the local node."""

from typing import Annotated

import typer

from carbon.app import add_group
from carbon.completion import offer
from carbon.console import out
from carbon.images import ensure_archives
from carbon.images.archives import get_archive
from carbon.images.digest import compute_digests
from carbon.images.document import describe_kind
from carbon.images.table import Image, read_images
from carbon.options import Output, OutputOption, print_rows

command = add_group("images", "List and build the images for the local node.")

COLUMNS = ("name", "reference", "kind", "state", "MB")
COLOURS = {"built": "green", "missing": "yellow", "on demand": "dim"}


@command.callback(invoke_without_command=True)
def list_images(context: typer.Context, output: OutputOption = Output.text) -> None:
    """List the images with reference, size and differences from upstream.

    The kind is stand-in, which is built under the reference of an upstream image, or own image.
    The state is built, missing or on demand. An image on demand is not loaded into the node for a
    tier of tests: the builds of other images, or a test, build it when they need it.
    """
    if context.invoked_subcommand:
        return
    images = read_images()
    digests = compute_digests(images)
    rows = [_build_row(image, digests) for image in images.values()]
    if output is Output.text:
        rows = [row | {"MB": _format_megabytes(row["bytes"])} for row in rows]
    print_rows(rows, output, COLUMNS, COLOURS)
    for image in images.values() if output is Output.text else ():
        if image.differs:
            out.print(f"\n[bold]{image.name}[/] differs from the upstream image:")
        for note in image.differs:
            out.print(f"  - {note}", markup=False)


@command.command("build")
def build(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names or references of images. Default: the images that any tier of tests needs.",
            autocompletion=offer(read_images),
        ),
    ] = None,
) -> None:
    """Build images that are missing or whose inputs have changed."""
    for archive in ensure_archives(names or None):
        out.print(archive.path, markup=False)


def _format_megabytes(size: object) -> str:
    return f"{size / 1e6:.0f}" if isinstance(size, int) else ""


def _build_row(image: Image, digests: dict[str, str]) -> dict[str, object]:
    archive = get_archive(image, digests)
    size = archive.stat().st_size if archive.is_file() else None
    return {
        "name": image.name,
        "reference": image.reference,
        "kind": describe_kind(image),
        "purpose": image.purpose,
        "tiers": list(image.tiers),
        "state": "built" if size is not None else "missing" if image.tiers else "on demand",
        "bytes": size,
        "archive": str(archive),
        "differs": list(image.differs),
    }
