"""`carbon completion`: prints the script that completes the words of commands in a shell."""

from typing import Annotated

import typer

from carbon.app import app
from carbon.completion import Shell, write_script


@app.command("completion")
def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the script that completes `carbon` and the launchers in tools/.

    Add to ~/.bashrc or ~/.zshrc: eval "$(/PATH/TO/CHECKOUT/.venv/bin/carbon completion bash)"
    """
    typer.echo(write_script(shell))
