"""`carbon cluster`: the local Kubernetes node."""

from typing import Annotated

import typer

from carbon.app import app
from carbon.cluster import access, lifecycle, parts
from carbon.cluster.layout import layout
from carbon.console import err, out

cluster = typer.Typer(no_args_is_help=True, help="The local cluster: a real Kubernetes node.")
app.add_typer(cluster, name="cluster")


@cluster.command()
def up() -> None:
    """Bring the node up (as `start`; what is missing is built first)."""
    lifecycle.up()
    err.print('the node is Ready; [bold]eval "$(carbon env)"[/] points kubectl and helm at it')


@cluster.command()
def start() -> None:
    """Start a stopped node; its data are as they were."""
    up()


@cluster.command()
def stop() -> None:
    """Stop the node and everything on it; data stay."""
    lifecycle.stop()


@cluster.command()
def down(
    *,
    delete_data: Annotated[
        bool, typer.Option(help="Also remove volumes, images and etcd.")
    ] = False,
) -> None:
    """Stop the node and leave nothing of it on this machine but its data."""
    lifecycle.down(delete_data=delete_data)


@cluster.command()
def status() -> None:
    """Say whether the node runs, and each of its programs."""
    state = access.running()
    if not state:
        out.print("stopped" if layout().data.exists() else "absent")
        raise typer.Exit(3)
    out.print(f"running at {state.addresses.node} (parent process {state.parent})")
    out.print(access.supervisorctl("status").rstrip())
    for name in parts.installed(layout()):
        out.print(f"add-on {name}: {parts.purpose(name)}")


@cluster.command()
def add(name: Annotated[str, typer.Argument(help="See `carbon cluster addons`.")]) -> None:
    """Install an add-on on the running node."""
    lifecycle.add(name)


@cluster.command()
def remove(name: Annotated[str, typer.Argument(help="See `carbon cluster addons`.")]) -> None:
    """Remove an add-on and everything it put on the node."""
    lifecycle.remove(name)


@cluster.command()
def addons() -> None:
    """List the add-ons there are, and which are installed."""
    there = parts.installed(layout())
    for name in parts.addons():
        out.print(f"{name:<16}{'installed' if name in there else '':<11}{parts.purpose(name)}")
