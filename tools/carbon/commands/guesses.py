"""`carbon guesses`: lists the values of a profile that are guesses, each with how to check it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from carbon.app import app
from carbon.charts.guesses import list_guesses
from carbon.home import ROOT
from carbon.options import Output, OutputOption

_DEFAULT = ROOT / "values" / "production.yaml"


@app.command("guesses")
def guesses(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Values files. Default: values/production.yaml."),
    ] = None,
    *,
    output: OutputOption = Output.text,
) -> None:
    """List the values that a comment `# check: COMMAND` marks as guesses.

    Run each command on your cluster, correct the value, and delete the comment.
    """
    found = [guess for path in files or [_DEFAULT] for guess in list_guesses(path)]
    if output is Output.json:
        print(json.dumps([asdict(guess) for guess in found], indent=2))
        return
    for guess in found:
        print(f"{guess.file}:{guess.line} {guess.key}: {guess.value}\n    {guess.command}")
    print(f"{len(found)} values to check")
