"""`carbon upgrade-check`: computes what an upgrade breaks, before it is tried."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from carbon.app import app
from carbon.charts.kubernetes import MINORS
from carbon.console import err, out
from carbon.upgrade import outputs
from carbon.upgrade.findings import Severity
from carbon.upgrade.run import check_upgrade
from carbon.upgrade.sides import InputError, find_new, find_old

BAD_INPUT, BREAKING, PERSON = 2, 3, 4
"""Exit statuses."""


class Output(StrEnum):
    """The format of the output."""

    TEXT = "text"
    JSON = "json"


def check_minor(minor: str) -> None:
    """Check that a text is a minor version of Kubernetes.

    Raises:
        InputError: it is not.
    """
    if not re.fullmatch(r"1\.\d+", minor):
        raise InputError(
            f"{minor} is not a minor version of Kubernetes",
            f"Write two numbers, such as {MINORS[-1]}.",
        )


@app.command("upgrade-check")
def upgrade_check(
    old: Annotated[
        str,
        typer.Argument(
            metavar="FROM",
            help="The version to upgrade from: a release, a package, or a folder with a chart or "
            "with umbrella/. Default: the newest release.",
        ),
    ] = "",
    new: Annotated[
        str,
        typer.Argument(metavar="TO", help="The version to upgrade to. Default: the working tree."),
    ] = "",
    kubernetes: Annotated[
        str, typer.Option(help="Minor version of Kubernetes of the cluster.")
    ] = MINORS[-1],
    reverse: Annotated[
        bool,
        typer.Option("--reverse", help="Check the rollback from TO to FROM instead."),
    ] = False,
    output: Annotated[Output, typer.Option(help="Format of the output.")] = Output.TEXT,
) -> None:
    """Compute what an upgrade from one version of the charts to another breaks.

    Both versions are rendered with the same values: the defaults, the profiles and the CI values
    files. Nothing is read from a cluster.

    Exit status: 0 if nothing breaks, 3 if the upgrade fails or loses data, 4 if a person must
    decide or act, 2 if FROM or TO is no version of the charts, 1 for any other error.
    """
    try:
        check_minor(kubernetes)
        before, after = find_old(old), find_new(new)
    except InputError as wrong:
        err.print(f"[red]✗[/] {wrong}")
        raise typer.Exit(BAD_INPUT) from wrong
    with err.status("comparing …") as status:

        def progress(done: int, todo: int, what: str) -> None:
            if err.is_terminal:
                status.update(f"comparing … {done} of {todo} · {what}")

        sides = (after, before) if reverse else (before, after)
        report = check_upgrade(*sides, kubernetes, progress, reverse)
    if output == Output.JSON:
        print(outputs.write_json(report))
    else:
        outputs.print_report(report, out)
    found = {finding.severity for finding in report.findings}
    if Severity.BREAKING in found:
        raise typer.Exit(BREAKING)
    if Severity.PERSON in found:
        raise typer.Exit(PERSON)
