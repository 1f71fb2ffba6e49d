"""`carbon cluster`: starts and stops the local Kubernetes node and its add-ons."""

from typing import Annotated

import typer

from carbon.app import add_group
from carbon.cluster import access, addons, lifecycle
from carbon.cluster.layout import layout
from carbon.completion import offer
from carbon.console import err, out

cluster = add_group("cluster", "Manage the local cluster, one Kubernetes node.", needs_command=True)

AddonName = Annotated[
    str,
    typer.Argument(
        help="A name that `carbon cluster addons` lists.", autocompletion=offer(addons.list_addons)
    ),
]


@cluster.command()
def up() -> None:
    """Start the node; build missing programs first."""
    lifecycle.up()
    err.print('the node is Ready; [bold]eval "$(carbon env)"[/] makes kubectl and helm use it')


@cluster.command()
def start() -> None:
    """Start a stopped node with its data, as `up` does."""
    up()


@cluster.command()
def stop() -> None:
    """Stop the node and everything on it; keep its data."""
    lifecycle.stop()


@cluster.command()
def down(
    *,
    delete_data: Annotated[
        bool, typer.Option(help="Also delete volumes, images, etcd and the node's certificates.")
    ] = False,
) -> None:
    """Stop the node, as `stop` does; with --delete-data, also delete its data."""
    lifecycle.down(delete_data=delete_data)


@cluster.command()
def status() -> None:
    """Show the state of the node and its programs. Exits with status 3 if no node runs."""
    state = access.read_state()
    if not state:
        out.print("stopped" if layout().data.exists() else "absent")
        raise typer.Exit(3)
    out.print(f"running at {state.addresses.node} (parent process {state.parent})")
    out.print(access.run_supervisorctl("status").rstrip())
    for name in addons.read_installed(layout()):
        out.print(f"add-on {name}: {addons.read_purpose(name)}")


@cluster.command()
def add(name: AddonName) -> None:
    """Install an add-on on the running node, or upgrade it."""
    lifecycle.add(name)


@cluster.command()
def remove(name: AddonName) -> None:
    """Remove an add-on with its data, and delete all objects of its CRDs."""
    lifecycle.remove(name)


@cluster.command("addons")
def list_addons() -> None:
    """List the add-ons and show which are installed."""
    installed = addons.read_installed(layout())
    for name in addons.list_addons():
        state = "installed" if name in installed else ""
        out.print(f"{name:<16}{state:<11}{addons.read_purpose(name)}")
