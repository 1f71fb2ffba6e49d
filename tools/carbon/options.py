"""Options that several commands share, and the lists that these commands print."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from carbon.console import out


class Output(StrEnum):
    """Formats of a list."""

    text = "text"
    json = "json"


OutputOption = Annotated[Output, typer.Option(help="`text` is for people, `json` is for programs.")]
Context = Annotated[
    str | None,
    typer.Option(help="Use the cluster of this kubectl context instead of the local cluster."),
]
Namespace = Annotated[
    str, typer.Option("--namespace", "-n", help="Namespace of the release on the cluster.")
]


def print_rows(
    rows: Sequence[Mapping[str, object]],
    output: Output,
    columns: Sequence[str],
    colours: Mapping[str, str],
) -> None:
    """Print rows: as JSON with all keys, or as a table with the keys `columns`.

    `colours` maps each value of the key `state` to a colour.
    """
    if output is Output.json:
        out.print_json(json.dumps(rows))
        return
    table = Table(*columns, box=None, header_style="dim")
    for row in rows:
        state = str(row["state"])
        cells = row | {"state": f"[{colours[state]}]{state}[/]"}  # type: ignore[operator]
        table.add_row(*(str(cells[column]) for column in columns))
    out.print(table)
