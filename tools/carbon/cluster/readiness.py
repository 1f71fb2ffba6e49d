"""Waits until the node and its add-ons are ready."""

import time
from collections.abc import Callable
from functools import partial
from urllib.request import urlopen

from carbon.cluster import configuration, health
from carbon.cluster.access import kubectl, read_state
from carbon.cluster.addons import Addon
from carbon.cluster.layout import Addresses, Layout
from carbon.console import step
from carbon.errors import CarbonError

_PATIENCE = 120.0
"""Seconds until a wait fails."""


def await_node(place: Layout, addresses: Addresses) -> None:
    """Wait until the API server, every add-on and the cluster's DNS are ready.

    Raises:
        CarbonError: one is not ready in time, a program that it needs does not recover, or the node
            stops. The message names the program that blocks the others.
    """
    with step("wait until the node is Ready"):
        ready = ("get", "--raw", "/readyz", "--request-timeout=5s")
        _wait(place, "the API server", lambda: kubectl(*ready))
        place.first_start.unlink(missing_ok=True)
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
        _wait(place, f"the CRDs of {addon.name}", create)
        names = addon.crds.list_names()
        kubectl("wait", "--for=condition=Established", "--timeout=2m", "crds", *names, timeout=150)
    create = partial(kubectl, *apply, stdin=addon.read_objects(), timeout=300)
    _wait(place, f"the manifests of {addon.name}", create)
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
    """Call `probe` until it raises no CarbonError.

    The wait ends early when a program of the node does not recover, or when the node stops.
    """
    start = time.monotonic()
    watch = None
    while True:
        try:
            probe()
        except CarbonError as error:
            state = read_state()
            if not state:
                last = health.read_tail(place.logs / "node.log")
                raise CarbonError(
                    f"the node stopped before it was ready; the last lines of its log:\n{last}",
                    f"The whole log: {place.logs}/node.log",
                ) from error
            if watch is None:
                chosen = configuration.read_addons(place, state.addresses)
                watch = health.Watch([p for addon in chosen for p in addon.programs], place.logs)
            hopeless = watch.find_hopeless()
            if hopeless or time.monotonic() > start + _PATIENCE:
                after = f"{what}: not ready after {time.monotonic() - start:.0f} s"
                why, remedy = watch.explain(hopeless)
                if not why:
                    why, remedy = error.what, f"Read the newest of these logs: {place.logs}/*.log"
                raise CarbonError(f"{after}: {why}", remedy) from error
            time.sleep(0.3)
        else:
            return
