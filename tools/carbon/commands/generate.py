"""`carbon generate`: writes the generated files, or checks that they are up to date."""

from pathlib import Path
from typing import Annotated

import typer

from carbon.app import app
from carbon.charts.generate.crds import compile_schemas
from carbon.charts.generate.files import build_files, find_stale
from carbon.charts.generate.resources import compile_resources
from carbon.console import out
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.generated import build_documents


@app.command("generate")
def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is out of date.")
    ] = False,
    crds: Annotated[
        bool,
        typer.Option(
            "--crds", help="Also compile schemas/crds from the modules of other projects."
        ),
    ] = False,
) -> None:
    """Write values.schema.json, READMEs, dashboards and documents from their sources."""
    # Documents are built from renders, which read the schemas.
    compiled = compile_schemas() | compile_resources() if crds else {}
    files = build_files() | compiled
    written = _write(files, check)
    documents = build_documents()
    written += _write(documents, check)
    count = len(files) + len(documents)
    if written:
        out.print(f"wrote {written} of {count} generated files")
    else:
        out.print(f"all {count} generated files are up to date")


def _write(files: dict[Path, str], check: bool) -> int:
    """Write the files that are out of date, and return their number.

    Raises:
        CarbonError: with `check`, a file is out of date; nothing is written then.
    """
    stale = find_stale(files)
    if check and stale:
        names = ", ".join(format_path(path) for path in stale)
        raise CarbonError(
            f"out of date: {names}",
            "Run `carbon generate` (with --crds for schemas/crds) and commit the files.",
        )
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
        out.print(f"[green]✓[/] {format_path(path)}")
    return len(stale)
