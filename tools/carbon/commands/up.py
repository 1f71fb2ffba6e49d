"""`carbon up`: the whole platform on this machine, or on another cluster."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from carbon.app import app
from carbon.charts.discovery import charts
from carbon.cluster import lifecycle
from carbon.console import out
from carbon.platform import release
from carbon.platform.components import Component, snapshot
from carbon.platform.target import NAMESPACE, RELEASE, Target, local

_Values = Annotated[
    list[Path] | None, typer.Option("--values", "-f", help="Values file; may be repeated.")
]


@app.command()
def up(
    *,
    context: Annotated[
        str | None, typer.Option(help="Install on this kubectl context; start nothing here.")
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", "-n")] = NAMESPACE,
    values: _Values = None,
) -> None:
    """Run the platform: start the local cluster, install or upgrade the release, test it."""
    charts()  # a checkout that can't be installed is told now, not when all is built
    given = release.values(values or [])
    if context is None:
        lifecycle.up("core", programs=["helm"])
    target = Target(None, context, namespace) if context else local(namespace)
    target.check()
    release.install(target, given)
    release.test(target)
    out.print(_table(snapshot(target).components()))
    _farewell(target)


def _table(components: list[Component]) -> Table:
    table = Table(box=None, header_style="bold")
    for column in ("component", "kind", "state", "time to Ready", "address in the cluster"):
        table.add_column(column)
    for c in components:
        seconds = "" if c.seconds is None else f"{c.seconds:.0f} s"
        state = f"[green]{c.state}[/]" if c.ready else f"[red]{c.state}[/]"
        table.add_row(c.name, c.kind, state, seconds, " ".join(c.addresses))
    return table


def _farewell(target: Target) -> None:
    out.print()
    if not target.context:
        out.print('Reach it from this shell: [bold]eval "$(.venv/bin/carbon env)"[/]')
    forward = f"kubectl {target.kubectl_flags()} port-forward svc/mlflow 5000"
    out.print(f"Then, for example:        [bold]{forward}[/]")
    out.print(f"What to do with it:       [bold]helm {target.helm_flags()} get notes {RELEASE}[/]")
