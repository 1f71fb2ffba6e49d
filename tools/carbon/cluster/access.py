"""Speak to the running node: its namespaces, its supervisor, containerd, its API server."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from carbon import externals
from carbon.cluster.layout import State, layout
from carbon.errors import CarbonError
from carbon.process import run


def running() -> State | None:
    """The running node, or None."""
    state = State.read(layout().state)
    return state if state and state.alive() else None


def inside(args: Sequence[str | Path], *, accept: Collection[int] = (0,)) -> str:
    """Run a program in the node's namespaces and return what it printed.

    Raises:
        CarbonError: the node does not run, or the program failed.
    """
    state = running()
    if not state:
        raise CarbonError("the local cluster does not run", "Start it with: carbon cluster up")
    namespaces = ("--mount", "--net", "--pid", "--uts", "--ipc")
    enter = ["nsenter", f"--target={state.first_process()}", *namespaces, "--"]
    return run([*enter, *args], accept=accept)


def ctr(args: Sequence[str]) -> str:
    """Run containerd's client on the node, in the namespace of Kubernetes."""
    socket = "--address=/run/containerd/containerd.sock"
    return inside([externals.ensure_program("ctr"), socket, "--namespace=k8s.io", *args])


def supervisorctl(*args: str) -> str:
    """Speak to the node's supervisor; that a program does not run (3) is an answer too."""
    program = (sys.executable, "-m", "supervisor.supervisorctl", "-c", layout().supervisor)
    return inside([*program, *args], accept=(0, 3))


def kubectl(*args: str, stdin: str | None = None, timeout: float = 60) -> str:
    """Speak to the API server as its superuser, for at most `timeout` seconds."""
    admin = f"--kubeconfig={layout().pki / 'super-admin.conf'}"
    return run([externals.ensure_program("kubectl"), admin, *args], stdin=stdin, timeout=timeout)
