"""Options that several commands have."""

from enum import StrEnum
from typing import Annotated

import typer


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
