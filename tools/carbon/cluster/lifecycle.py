"""Bring the local cluster up and down, with its add-ons.

The node's parent process is an `unshare`: when it dies, so does the node's first process and,
with that, everything in the node's namespaces. The reaper beside it removes the cgroups.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from carbon import externals, images
from carbon.cluster import cgroups, configuration, network, parts
from carbon.cluster.access import ctr, kubectl, running, supervisorctl
from carbon.cluster.diagnosis import diagnosis
from carbon.cluster.layout import PAUSE_IMAGE, Addresses, Layout, State, layout, started
from carbon.console import step
from carbon.errors import CarbonError
from carbon.externals import debian

_NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--mount-proc")
_DEBIAN = ("runc", "containernetworking-plugins", "nftables", "iproute2", "conntrack", "procps")
_PATIENCE = 120.0
_POD_GRACE = 20.0
"""Seconds that pods get to end by themselves when the node stops."""


def up(images_of: str | None = None, programs: Collection[str] = ()) -> None:
    """Bring the node up, or find it up; what an earlier crash left is cleaned away first.

    It gets the images of a test tier, if one is named; they are built beside the node's programs,
    and beside others that the caller needs too.

    Raises:
        CarbonError: not root, something is missing, or a program of the node does not start; the
            node is taken down again then, and the message names the logs.
    """
    _require_root()
    wanted = images.needed_by(images_of) if images_of else []
    with images.ahead(wanted):
        externals.ensure(programs)
        _up()
    images.load(images.archives(wanted), ctr)


def _up() -> None:
    debian.ensure(_DEBIAN)
    place = layout()
    state = running()
    if state and network.connected(place.name):
        _await_ready(place, state.addresses)
        return
    stop()
    addresses = network.free_link(network.used_networks())
    for part in configuration.selected(place, addresses):
        externals.ensure(part.externals)
    try:
        with step("start the node"):
            configuration.write(place, addresses)
            _start(place, addresses)
        _await_ready(place, addresses)
    except BaseException:
        stop()
        raise


def stop() -> None:
    """End the node and everything in it; etcd, images and volumes stay.

    Pods get their SIGTERM and up to 20 seconds; then the parent process is killed.
    """
    _require_root()
    place = layout()
    if state := running():
        with step("stop the node"):
            _stop_pods(place)
            first = state.first_process()
            os.kill(state.parent, signal.SIGKILL)
            # The kernel ends the first process last of all that is in its namespace.
            _until(lambda: started(first) is None, _POD_GRACE)
    network.disconnect(place.name)
    cgroups.remove(place.name)
    place.state.unlink(missing_ok=True)


def down(*, delete_data: bool = False) -> None:
    """Stop the node; with `delete_data` its data go too."""
    stop()
    if delete_data:
        shutil.rmtree(layout().root, ignore_errors=True)


def add(name: str) -> None:
    """Install an add-on on the running node, or upgrade it.

    Raises:
        CarbonError: there is none of that name, or it does not become ready.
    """
    place, state = layout(), _required()
    part = parts.addon(name, place.facts(state.addresses))
    externals.ensure(part.externals)
    if part.images:  # a pod needs its sandbox too
        images.load(images.archives([PAUSE_IMAGE, *part.images]), ctr)
    parts.record(place, sorted({*parts.installed(place), name}))
    with step(f"add {name}"):
        configuration.supervise(place, configuration.selected(place, state.addresses))
        supervisorctl("update")
        _await_part(place, part)


def remove(name: str) -> None:
    """Remove an add-on and everything it put on the node, its data and all objects of its kinds.

    Those go first, while the add-on is there to let go of them (finalizers).

    Raises:
        CarbonError: there is none of that name.
    """
    place, state = layout(), _required()
    part = parts.addon(name, place.facts(state.addresses))
    with step(f"remove {name}"):
        _delete_objects(part)
        parts.record(place, [n for n in parts.installed(place) if n != name])
        configuration.supervise(place, configuration.selected(place, state.addresses))
        supervisorctl("update")
        for folder in part.folders:
            shutil.rmtree(folder, ignore_errors=True)


def _delete_objects(part: parts.Part) -> None:
    delete = ("delete", "--ignore-not-found")
    crds = part.crds.names() if part.crds else []
    if crds:
        said = kubectl("get", "crds", "--ignore-not-found", "--output=name", *crds)
        kinds = ",".join(line.partition("/")[2] for line in said.splitlines())
        if kinds:
            kubectl(*delete, "--all", "--all-namespaces", kinds, timeout=300)
    kubectl(*delete, "-f", "-", stdin=part.manifests, timeout=300)
    if crds:
        kubectl(*delete, "crds", *crds, timeout=300)


def _required() -> State:
    if state := running():
        return state
    raise CarbonError("the local cluster does not run", "Start it with: carbon cluster up")


def _require_root() -> None:
    if os.geteuid() != 0:
        raise CarbonError(
            "the local cluster needs root: a node has namespaces, mounts and cgroups of its own",
            "Run the same command as root, or install on an existing cluster: "
            "tools/up --context NAME",
        )


def _start(place: Layout, addresses: Addresses) -> None:
    cgroups.create(place.name)
    python = [sys.executable, "-m"]
    node = [*python, "carbon.cluster.node", addresses.host, addresses.node]
    unshare = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--", *node]
    parent = _detached(unshare, place.logs / "node.log")
    state = State(parent.pid, started(parent.pid) or 0, addresses)
    state.write(place.state)
    reaper = [*python, "carbon.cluster.reaper", str(parent.pid), place.name]
    _detached(reaper, place.logs / "reaper.log")
    _until(lambda: state.first_process() != 0 or parent.poll() is not None, 10)
    network.connect(place.name, state.first_process(), addresses)


def _detached(args: list[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as sink:
        return subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )


def _await_ready(place: Layout, addresses: Addresses) -> None:
    with step("wait until it is Ready"):
        _await(place, "the API server", lambda: kubectl("get", "--raw", "/readyz"))
        for part in configuration.selected(place, addresses):
            _await_part(place, part)
        _await(place, "the cluster's DNS", lambda: _dns_ready(addresses))


def _await_part(place: Layout, part: parts.Part) -> None:
    # While all pods of a stopped node start again, the API server may not answer in its own time.
    apply = ("apply", "--server-side", "--force-conflicts", "-f", "-")
    wait = ("wait", "--timeout=1s")
    if part.crds:
        defined = partial(kubectl, *apply, stdin=part.crds.read(), timeout=300)
        _await(place, f"the kinds of {part.name}", defined)
        there = ("wait", "--for=condition=Established", "--timeout=2m", "crds", *part.crds.names())
        kubectl(*there, timeout=150)
    applied = partial(kubectl, *apply, stdin=part.manifests, timeout=300)
    _await(place, f"what {part.name} needs", applied)
    for thing, condition in part.ready.items():
        *namespace, kind, name = thing.split("/")
        ready = (f"--for={condition}", f"{kind}/{name}", *map("-n{}".format, namespace))
        _await(place, thing, partial(kubectl, *wait, *ready))


def _dns_ready(addresses: Addresses) -> None:
    try:
        with urlopen(f"http://{addresses.node}:8181/ready", timeout=1):
            return
    except OSError as error:
        raise CarbonError(str(error)) from error


def _await(place: Layout, what: str, probe: Callable[[], object]) -> None:
    """Wait until `probe` raises nothing."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            probe()
        except CarbonError as error:
            logs = f"The newest of these logs say why: {place.logs}/*.log"
            if not running():
                raise CarbonError("the node ended while it started", logs) from error
            if time.monotonic() > deadline:
                why = "\n".join(filter(None, [error.what, diagnosis(place.logs)]))
                raise CarbonError(f"{what} is not ready: {why}", logs) from error
            time.sleep(0.3)
        else:
            return


def _until(done: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)


def _stop_pods(place: Layout) -> None:
    """Nothing may restart them first; then each process of each pod gets SIGTERM."""
    try:
        supervisorctl("stop", "kubelet", "kube-controller-manager")
    except CarbonError:
        return  # a node that never came up has no pods to spare
    for pid in cgroups.processes(place.name):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    _until(lambda: not cgroups.processes(place.name), _POD_GRACE)
