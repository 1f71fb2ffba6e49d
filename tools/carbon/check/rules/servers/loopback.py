"""Servers on the loopback address, which only containers of the same pod reach."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, pod_labels
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.rules.servers.binding import list_bindings
from carbon.check.rules.servers.paths import MONITORS, PROBES
from carbon.check.rules.volumes.places import Place, list_places
from carbon.check.rules.volumes.reading import list_texts

_CONNECTED = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})\b")


@rule("servers/loopback", "Listen on all addresses, such as 0.0.0.0, or remove the port.")
def check_loopback(chart: RenderedChart) -> Iterator[Violation]:
    """A server whose port a probe, Service or PodMonitor uses does not listen on loopback only.

    A listed port may be local if another container of the pod connects to it, such as a proxy.
    """
    for place in list_places(chart):
        _, _, container, path = place.container
        ends = "initContainers" in path and container.get("restartPolicy") != "Always"
        local = [each for each in list_bindings(place) if each.is_local and not ends]
        used = _list_used(chart, place) if local else {}
        for each in local:
            users = used.get(each.port, [])
            if users:
                what = f" listens on {each.option.value} (option {each.option.name})"
                why = f"{users[0]} uses port {each.port} of the pod's address"
                text = each.option.text
                yield place.report(f"{what}, and {why}", at=text, word=each.option.value)


def _list_used(chart: RenderedChart, place: Place) -> dict[int, list[str]]:
    """Return the ports of a container that others connect to, with what connects to each."""
    _, pod, container, _ = place.container
    listed = container.get("ports") or []
    numbers = {port.get("name"): port.get("containerPort") for port in listed}
    used: list[tuple[Any, str]] = []
    for probe in PROBES:
        for kind in ("httpGet", "tcpSocket", "grpc"):
            handler = (container.get(probe) or {}).get(kind) or {}
            if not handler.get("host"):
                used.append((handler.get("port"), probe))
    for each in chart.of_kind("Service", "PodMonitor"):
        if selects(read_selector(each), pod_labels(pod)):
            for port in each.spec.get("ports") or []:
                used.append((port.get("targetPort", port.get("port")), each.identity))
            for end in each.spec.get(MONITORS["PodMonitor"]) or []:
                used.append((end.get("port"), each.identity))
    pods = [each.container.body for each in list_places(chart) if each.container.pod is pod]
    texts = [text.text for each in pods if each is not container for text in list_texts(each)]
    inside = {int(port) for text in texts for port in _CONNECTED.findall(text)}
    used += [(port, "`ports`") for port in numbers.values() if port not in inside]
    found: dict[int, list[str]] = {}
    for port, user in used:
        if isinstance(number := numbers.get(port, port), int):
            found.setdefault(number, []).append(user)
    return found
