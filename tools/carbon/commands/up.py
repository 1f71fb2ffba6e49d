"""`carbon up`: runs the platform on this machine, or installs it on another cluster."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from carbon import options
from carbon.app import app
from carbon.charts.discovery import find_charts
from carbon.cluster import lifecycle
from carbon.console import out
from carbon.platform import release
from carbon.platform.target import NAMESPACE, RELEASE, Target, get_target
from carbon.platform.workloads import WorkloadStatus, read_snapshot


@app.command()
def up(
    *,
    context: options.Context = None,
    namespace: options.Namespace = NAMESPACE,
    values: Annotated[
        list[Path] | None, typer.Option("--values", "-f", help="A values file. May be repeated.")
    ] = None,
) -> None:
    """Start the local cluster, install or upgrade the release on it, and run the release's tests.

    With --context, use the cluster of that context, and start no local cluster.
    """
    find_charts()  # refuse a checkout without symbolic links before programs are built
    given = release.read_values(values or [])
    if context is None:
        lifecycle.up("core", programs=["helm"])
    target = get_target(context, namespace)
    target.check()
    release.install(target, given)
    release.test(target)
    out.print(_build_table(read_snapshot(target).build_statuses()))
    _print_next_steps(target)


def _build_table(workloads: list[WorkloadStatus]) -> Table:
    table = Table(box=None, header_style="bold")
    for column in ("workload", "kind", "state", "time to Ready", "address in the cluster"):
        table.add_column(column)
    for w in workloads:
        seconds = "" if w.seconds is None else f"{w.seconds:.0f} s"
        state = f"[green]{w.state}[/]" if w.ready else f"[red]{w.state}[/]"
        table.add_row(w.name, w.kind, state, seconds, " ".join(w.addresses))
    return table


def _print_next_steps(target: Target) -> None:
    out.print()
    if not target.context:
        out.print('Use the cluster from this shell: [bold]eval "$(.venv/bin/carbon env)"[/]')
    forward = f"kubectl {target.kubectl_flags} port-forward svc/mlflow 5000"
    out.print(f"Open MLflow on localhost:5000:   [bold]{forward}[/]")
    notes = f"helm {target.helm_flags} get notes {RELEASE}"
    out.print(f"Read the release's notes:        [bold]{notes}[/]")
