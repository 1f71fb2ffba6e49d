"""Starts and stops the local cluster, and installs and removes its add-ons.

The parent process of the node is an `unshare`. When the parent ends, the kernel ends the node's
first process, and with it everything in the node's Linux namespaces. A process beside it then
removes the cgroups.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

from carbon import externals, images
from carbon.cluster import addons, cgroups, configuration, credentials, health, network
from carbon.cluster.access import (
    NOT_RUNNING,
    START,
    kubectl,
    read_state,
    run_ctr,
    run_inside,
    run_supervisorctl,
)
from carbon.cluster.addons import Addon
from carbon.cluster.layout import PAUSE_IMAGE, Addresses, Layout, layout
from carbon.cluster.readiness import await_addon, await_node
from carbon.cluster.state import State, read_start_time
from carbon.console import step
from carbon.errors import CarbonError
from carbon.externals import debian
from carbon.interrupts import shield

_NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--mount-proc")
_DEBIAN = ("runc", "containernetworking-plugins", "nftables", "iproute2", "conntrack", "procps")
_POD_GRACE = 20.0
"""Seconds in which pods can end after SIGTERM when the node stops."""


def up(images_of: str | None = None, programs: Collection[str] = ()) -> None:
    """Start the node, build missing programs first, and wait until the node is ready.

    On a node that runs, only the programs that have exited are restarted. A node without a link to
    the host, or with certificates that expire soon, is stopped first. What a crashed node left is
    removed first.

    Args:
        images_of: a tier of tests whose images are built, in parallel, and loaded into the node.
        programs: external programs to build besides the node's own.

    Raises:
        CarbonError: the user is not root, a dependency is missing, or a program of the node does
            not start. A node that this call started is stopped then; the message names the logs.
    """
    _require_root()
    wanted = images.list_needed(images_of) if images_of else []
    with images.build_in_background(wanted):
        externals.ensure_built(programs)
        _up()
    images.load_archives(images.ensure_archives(wanted), run_ctr)


def _up() -> None:
    debian.install(_DEBIAN)
    place = layout()
    state = read_state()
    if state and network.is_connected(place.name) and not credentials.expire_soon(place):
        health.restart_stopped()
        await_node(place, state.addresses)
        return
    stop()
    shutil.rmtree(place.deleted, ignore_errors=True)
    addresses = network.find_free_link(network.list_used_networks())
    for addon in configuration.read_addons(place, addresses):
        externals.ensure_built(addon.externals)
        debian.install(addon.debian)
    try:
        with step("start the node"):
            configuration.write(place, addresses)
            _start(place, addresses)
        await_node(place, addresses)
    except BaseException:
        stop()
        raise


def stop() -> None:
    """Stop the node and every process in it; etcd, images and volumes stay.

    Pods get SIGTERM and up to 20 seconds. Then the parent process is killed.
    """
    _require_root()
    place = layout()
    if state := read_state():
        with step("stop the node"):
            _stop_pods(place)
            first = state.find_first_process()
            os.kill(state.parent, signal.SIGKILL)
            # The kernel ends the first process after all other processes in the node's Linux
            # namespaces.
            _wait_until(lambda: read_start_time(first) is None, _POD_GRACE)
    network.disconnect(place.name)
    cgroups.remove(place.name)
    place.state.unlink(missing_ok=True)


def down(*, delete_data: bool = False) -> None:
    """Stop the node; with `delete_data`, also delete its data.

    The cluster's folder is renamed before it is deleted, so that no later `up` starts a node from
    the rest of its data after an interrupt.
    """
    stop()
    if delete_data:
        place = layout()
        with step("delete the data of the node"):
            shutil.rmtree(place.deleted, ignore_errors=True)
            if place.root.exists():
                place.root.rename(place.deleted)
            shutil.rmtree(place.deleted, ignore_errors=True)


def add(name: str) -> None:
    """Install an add-on on the running node, or upgrade it.

    Raises:
        CarbonError: no add-on has that name, or it does not become ready.
    """
    place, state = layout(), _require_node()
    addon = addons.read_addon(name, place.build_placeholders(state.addresses))
    externals.ensure_built(addon.externals)
    debian.install(addon.debian)
    if addon.images:  # containerd needs the pause image for every pod
        images.load_archives(images.ensure_archives([PAUSE_IMAGE, *addon.images]), run_ctr)
    addons.write_installed(place, sorted({*addons.read_installed(place), name}))
    with step(f"install add-on {name}"):
        configuration.write_supervisor(place, configuration.read_addons(place, state.addresses))
        run_supervisorctl("update")
        await_addon(place, addon)


def remove(name: str) -> None:
    """Remove an add-on with its data, its objects and all objects of its CRDs.

    The objects of its CRDs are deleted first, while the add-on can still remove their finalizers.

    Raises:
        CarbonError: no add-on has that name.
    """
    place, state = layout(), _require_node()
    addon = addons.read_addon(name, place.build_placeholders(state.addresses))
    with step(f"remove add-on {name}"):
        _delete_objects(addon)
        addons.write_installed(place, [n for n in addons.read_installed(place) if n != name])
        configuration.write_supervisor(place, configuration.read_addons(place, state.addresses))
        run_supervisorctl("update")
        for command in addon.undo:
            run_inside(command.split())
        for folder in addon.folders:
            shutil.rmtree(folder, ignore_errors=True)


def _delete_objects(addon: Addon) -> None:
    delete = ("delete", "--ignore-not-found")
    crds = addon.crds.list_names() if addon.crds else []
    if crds:
        output = kubectl("get", "crds", "--ignore-not-found", "--output=name", *crds)
        kinds = ",".join(line.partition("/")[2] for line in output.splitlines())
        if kinds:
            kubectl(*delete, "--all", "--all-namespaces", kinds, timeout=300)
    kubectl(*delete, "-f", "-", stdin=addon.read_objects(), timeout=300)
    if crds:
        kubectl(*delete, "crds", *crds, timeout=300)


def _require_node() -> State:
    if state := read_state():
        return state
    raise CarbonError(NOT_RUNNING, START)


def _require_root() -> None:
    if os.geteuid() != 0:
        raise CarbonError(
            "the local cluster needs root: its node has Linux namespaces, mounts and "
            "cgroups of its own",
            "Run the same command as root, or install on an existing cluster: "
            "tools/up --context NAME",
        )


def _start(place: Layout, addresses: Addresses) -> None:
    cgroups.create(place.name)
    python = [sys.executable, "-m"]
    node = [*python, "carbon.cluster.node", addresses.host, addresses.node]
    unshare = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--", *node]
    with shield():  # `stop` finds the parent process only by its record
        parent = _spawn(unshare, place.logs / "node.log")
        state = State(parent.pid, read_start_time(parent.pid) or 0, addresses)
        state.write(place.state)
        remover = [*python, "carbon.cluster.cgroups", str(parent.pid), place.name]
        _spawn(remover, place.logs / "cgroups.log")
    _wait_until(lambda: state.find_first_process() != 0 or parent.poll() is not None, 10)
    network.connect(place.name, state.find_first_process(), addresses)


def _spawn(args: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that it outlives this one."""
    with log.open("ab") as sink:
        return subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )


def _wait_until(is_done: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.02)


def _stop_pods(place: Layout) -> None:
    """Stop the programs that restart pods, then send SIGTERM to every process of a pod."""
    try:
        run_supervisorctl("stop", "kubelet", "kube-controller-manager")
    except CarbonError:
        return  # the node did not start, so it has no pods
    for pid in cgroups.list_processes(place.name):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    _wait_until(lambda: not cgroups.list_processes(place.name), _POD_GRACE)
