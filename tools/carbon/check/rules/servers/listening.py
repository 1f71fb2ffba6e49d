"""Ports: a container lists the ports on which its command listens."""

import re
from collections.abc import Iterator

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart, pod_labels
from carbon.check.rules.pods import OPERATED
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.rules.volumes.places import Place, list_places

DEFAULTS = {
    8000: "Feast's metrics",
    9121: "redis_exporter",
    9187: "postgres_exporter",
    44217: "Ray's autoscaler",
    44227: "Ray's dashboard",
}
"""Ports on which a server listens if its command and settings do not name a port."""
APPLICATION = "serve"
"""Name of the port on which applications of Ray Serve listen."""
_OPTION = re.compile(r"(-{1,2}[\w.-]*(?:port|address|listen|bind))[= ](\S+)", re.I)
_VARIABLE = re.compile(r"(?:.*_)?(?:LISTEN|BIND)_?(?:ADDR|ADDRESS|PORT)|PORT")
_CLIENT = re.compile(r"db|database|postgres|redis|mysql|upstream|remote|target|min|max|ip\.bind")
"""A part of the name of an option that is not a port of the container."""
_PORT = re.compile(r"(?P<host>.*:)?(?P<port>[1-9]\d{0,4})")
_LOCAL = ("127.", "localhost", "[::1]")


@rule("servers/port", "Set the same number in the command and in `ports`.", house=True)
def check_port(chart: RenderedChart) -> Iterator[Violation]:
    """A container lists the ports on which its command listens, and no others.

    A Service may list them instead, by number.
    """
    for place in list_places(chart):
        if place.object.kind not in {*SERVERS, *OPERATED} or "initContainers" in place.path:
            continue
        listed = {port.get("containerPort") for port in place.container.get("ports") or []}
        opened = dict(_list_opened(place.container))
        routed = listed | set(_list_targets(chart, place)) if opened else listed
        if unlisted := [f"{port} ({opened[port]})" for port in sorted(set(opened) - routed)]:
            there = ", ".join(map(str, sorted(listed))) or "missing"
            what = f" listens on {', '.join(unlisted)}, and its ports are {there}"
            yield place.report(what, "ports")
        named = _list_named(place)
        if unopened := sorted(listed - named) if named and not unlisted else []:
            what = f": no option or setting names the port {', '.join(map(str, unopened))}"
            yield place.report(what, "ports")


def _list_targets(chart: RenderedChart, place: Place) -> Iterator[int]:
    """Yield the port numbers of the Services that select a pod of the object."""
    labels = [pod_labels(pod) for pod in place.object.pods]
    for service in chart.of_kind("Service"):
        if any(selects(read_selector(service), each) for each in labels):
            for port in service.spec.get("ports") or []:
                target = port.get("targetPort", port.get("port"))
                if isinstance(target, int):
                    yield target


def _list_opened(container: Object) -> Iterator[tuple[int, str]]:
    """Yield each port on which options and variables let a server listen, and their name."""
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    stated = [
        (name, value)
        for name, value in _OPTION.findall(" ".join(map(str, words)))
        if not _CLIENT.search(name.lower())
    ]
    for variable in container.get("env") or []:
        if _VARIABLE.fullmatch(str(variable.get("name"))):
            stated.append((variable["name"], str(variable.get("value"))))
    for name, value in stated:
        port = _PORT.fullmatch(value.strip("\"'"))
        if port and not (port["host"] or "").startswith(_LOCAL):
            yield int(port["port"]), name


def _list_named(place: Place) -> set[int]:
    """Return the ports that the command, variables and settings can open; none if none is named."""
    numbers = {int(word) for word in place.words if re.fullmatch(r"\d{2,5}", word)}
    ports = place.container.get("ports") or []
    own = {port.get("containerPort") for port in ports if port.get("name") == APPLICATION}
    return numbers | own | set(DEFAULTS) if max(numbers, default=0) > 1000 else set()
