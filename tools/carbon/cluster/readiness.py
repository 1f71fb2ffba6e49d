"""Waits until the node and its add-ons are ready, and finds the program that keeps exiting."""

import re
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from carbon.cluster import configuration
from carbon.cluster.access import kubectl, read_state
from carbon.cluster.addons import Addon
from carbon.cluster.layout import Addresses, Layout
from carbon.console import step
from carbon.errors import CarbonError

_PATIENCE = 120.0
"""Seconds until a wait fails."""
_STARTED = "supervisord started with pid"
_EXIT = re.compile(r"exited: (\S+) \(.*not expected\)")
_LINES = 6
_WIDTH = 300
"""The most lines of a log that a message shows, and the most characters of a line."""


def await_node(place: Layout, addresses: Addresses) -> None:
    """Wait until the API server, every add-on and the cluster's DNS are ready.

    Raises:
        CarbonError: one is not ready in time, or the node stops.
    """
    with step("wait until the node is Ready"):
        _wait(place, "the API server", lambda: kubectl("get", "--raw", "/readyz"))
        for addon in configuration.read_addons(place, addresses):
            await_addon(place, addon)
        _wait(place, "the cluster's DNS", lambda: _check_dns(addresses))


def await_addon(place: Layout, addon: Addon) -> None:
    """Apply the CRDs and manifests of an add-on, then wait for its objects.

    Raises:
        CarbonError: an object is not ready in time, or the node stops.
    """
    # The API server can be slow to answer while all pods of a restarted node start.
    apply = ("apply", "--server-side", "--force-conflicts", "-f", "-")
    wait = ("wait", "--timeout=1s")
    if addon.crds:
        create = partial(kubectl, *apply, stdin=addon.crds.read(), timeout=300)
        _wait(place, f"applying the CRDs of {addon.name}", create)
        names = addon.crds.list_names()
        kubectl("wait", "--for=condition=Established", "--timeout=2m", "crds", *names, timeout=150)
    create = partial(kubectl, *apply, stdin=addon.manifests, timeout=300)
    _wait(place, f"applying the manifests of {addon.name}", create)
    for identity, condition in addon.ready.items():
        *namespace, kind, name = identity.split("/")
        arguments = (f"--for={condition}", f"{kind}/{name}", *map("-n{}".format, namespace))
        _wait(place, identity, partial(kubectl, *wait, *arguments))


def _check_dns(addresses: Addresses) -> None:
    try:
        with urlopen(f"http://{addresses.node}:8181/ready", timeout=1):
            return
    except OSError as error:
        raise CarbonError(str(error)) from error


def _wait(place: Layout, what: str, probe: Callable[[], object]) -> None:
    """Call `probe` until it raises no CarbonError."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            probe()
        except CarbonError as error:
            logs = f"Read the newest of these logs: {place.logs}/*.log"
            if not read_state():
                raise CarbonError("the node stopped before it was ready", logs) from error
            if time.monotonic() > deadline:
                why = "\n".join(filter(None, [error.what, diagnose(place.logs)]))
                raise CarbonError(
                    f"{what}: not ready after {_PATIENCE:.0f} s: {why}", logs
                ) from error
            time.sleep(0.3)
        else:
            return


def diagnose(logs: Path) -> str:
    """Return which program exited most often since the node started, and the end of its log.

    `logs` is the folder with the supervisor's `node.log` and a `NAME.log` for each program. The
    result is empty if no program exited.
    """
    exits = Counter(_EXIT.findall(_read(logs / "node.log").rpartition(_STARTED)[2]))
    if not exits:
        return ""
    [(name, times)] = exits.most_common(1)
    last = [line[:_WIDTH] for line in _read(logs / f"{name}.log").splitlines()[-_LINES:]]
    title = f"{name} exited {times} times; the last lines of its log:"
    return "\n".join([title, *(f"    {line}" for line in last)])


def _read(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
