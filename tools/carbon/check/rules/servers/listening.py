"""Ports: a container lists the ports on which its command listens."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart, pod_labels
from carbon.check.rules.pods import OPERATED
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.rules.servers.binding import OTHERS, list_bindings
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.rules.volumes.reading import Text, list_texts

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
_CLIENT = re.compile(rf"{OTHERS}|min|max|ip\.bind")
"""Words in the name of an option whose port the container does not open."""
_PORT = re.compile(r"(?:.*:)?(?P<port>[1-9]\d{0,4})")


@rule("servers/port", "Set the same number in the command and in `ports`.", house=True)
def check_port(chart: RenderedChart) -> Iterator[Violation]:
    """A container lists the ports on which its command listens, and no others.

    A Service may list them instead, by number.
    """
    for place in list_places(chart):
        obj, _, container, path = place.container
        if obj.kind not in {*SERVERS, *OPERATED} or "initContainers" in path:
            continue
        listed = [port.get("containerPort") for port in container.get("ports") or []]
        local = {each.port for each in list_bindings(place) if each.is_local}
        opened = [(port, text) for port, text in _list_opened(container) if port not in local]
        routed, targets = _list_routed(chart, place)
        unlisted = [(port, text) for port, text in opened if port not in {*listed, *targets}]
        named = _list_named(place)
        unopened = [port for port in listed if named and port not in named]
        lines: list[KeyPath] = [
            ("ports", f"containerPort={port}", "containerPort") for port in unopened
        ]
        if unlisted:
            names = ", ".join(f"{port} ({text.name})" for port, text in unlisted)
            there = ", ".join(map(str, listed)) or "missing"
            # A Service shows which of two numbers is right.
            if not lines or unopened[0] in routed:
                lines = [unlisted[0][1].keys] if listed else [("ports",)]
            yield place.report(f" listens on {names}, and its ports are {there}", *lines[0])
        elif unopened:
            what = f": no option or setting names the port {', '.join(map(str, unopened))}"
            yield place.report(what, *lines[0])


def _list_routed(chart: RenderedChart, place: Place) -> tuple[set[Any], set[Any]]:
    """Return the ports and the target ports of the Services that select a pod of the object."""
    labels = [pod_labels(pod) for pod in place.container.object.pods]
    ports = [
        port
        for service in chart.of_kind("Service")
        if any(selects(read_selector(service), each) for each in labels)
        for port in service.spec.get("ports") or []
    ]
    targets = {port.get("targetPort", port.get("port")) for port in ports}
    return {port.get("port") for port in ports} | targets, targets


def _list_opened(container: Object) -> Iterator[tuple[int, Text]]:
    """Yield each port on which a server listens, and the option or variable that sets the port."""
    texts = list(list_texts(container))
    stated = [text for text in texts if _is_variable(text)]
    words = [text for text in texts if text.name in {"command", "args"}]
    for text, following in zip(words, [*words[1:], None], strict=False):
        stated += [Text(text.keys, name, value) for name, value in _OPTION.findall(text.text)]
        if following and _OPTION.fullmatch(f"{text.text}={following.text}"):
            stated.append(Text(following.keys, text.text, following.text))
    for each in stated:
        port = _PORT.fullmatch(each.text.strip("\"'"))
        if port and not _CLIENT.search(each.name.lower()):
            yield int(port["port"]), each


def _is_variable(text: Text) -> bool:
    return text.keys[0] == "env" and _VARIABLE.fullmatch(text.name) is not None


def _list_named(place: Place) -> set[int]:
    """Return the ports that the command, variables and settings can open; empty if unknown."""
    numbers = {int(word) for word in place.words if re.fullmatch(r"\d{2,5}", word)}
    ports = place.container.body.get("ports") or []
    own = {port.get("containerPort") for port in ports if port.get("name") == APPLICATION}
    return numbers | own | set(DEFAULTS) if max(numbers, default=0) > 1000 else set()
