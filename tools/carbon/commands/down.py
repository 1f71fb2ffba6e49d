"""`carbon down`: stops the local cluster."""

from typing import Annotated

import typer

from carbon.app import app
from carbon.cluster import lifecycle


@app.command()
def down(
    *,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Also delete the volumes, images and objects.")
    ] = False,
) -> None:
    """Stop the local cluster and everything on it. Other clusters are not touched."""
    lifecycle.down(delete_data=delete_data)
