"""Runs commands on the running node.

A command runs in the node's Linux namespaces, or is sent to the node's supervisor, containerd or
API server.
"""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from carbon import externals
from carbon.cluster.layout import layout
from carbon.cluster.state import State
from carbon.errors import CarbonError
from carbon.process import run

NOT_RUNNING = "the local cluster is not running"
START = "Start it with: carbon cluster up"


def read_state() -> State | None:
    """Return the state of the running node, or None if it does not run."""
    state = State.read(layout().state)
    return state if state and state.is_alive() else None


def run_inside(args: Sequence[str | Path], *, accept: Collection[int] = (0,)) -> str:
    """Run a program in the node's Linux namespaces and return its output.

    Raises:
        CarbonError: the node does not run, or the program fails.
    """
    state = read_state()
    if not state:
        raise CarbonError(NOT_RUNNING, START)
    namespaces = ("--mount", "--net", "--pid", "--uts", "--ipc")
    enter = ["nsenter", f"--target={state.find_first_process()}", *namespaces, "--"]
    return run([*enter, *args], accept=accept)


def run_ctr(args: Sequence[str]) -> str:
    """Run ctr, containerd's client, on the node in the containerd namespace k8s.io."""
    socket = "--address=/run/containerd/containerd.sock"
    return run_inside([externals.ensure_program("ctr"), socket, "--namespace=k8s.io", *args])


def run_supervisorctl(*args: str) -> str:
    """Run supervisorctl on the node; exit status 3 (a program does not run) is no failure."""
    program = (sys.executable, "-m", "supervisor.supervisorctl", "-c", layout().supervisor)
    return run_inside([*program, *args], accept=(0, 3))


def kubectl(*args: str, stdin: str | None = None, timeout: float = 60) -> str:
    """Run kubectl as the cluster's administrator; raise CarbonError after `timeout` seconds."""
    admin = f"--kubeconfig={layout().pki / 'super-admin.conf'}"
    return run([externals.ensure_program("kubectl"), admin, *args], stdin=stdin, timeout=timeout)
