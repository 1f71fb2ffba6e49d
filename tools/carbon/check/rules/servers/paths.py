"""Probes and monitors request paths that their server has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from carbon.charts.render import Object, containers
from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.sources.servers import TABLE, Port, list_ports

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
MONITORS = {"PodMonitor": "podMetricsEndpoints", "ServiceMonitor": "endpoints"}
_URL = re.compile(r"(https?)://(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d+))?(/[^\s\"']*)?")


@dataclass(frozen=True)
class Request:
    """A request of a probe or a monitor to a container."""

    path: KeyPath
    """The keys of the field in the object."""
    what: str
    """The probe or the endpoint."""
    port: object
    url_path: str
    scheme: str
    """http, https or grpc."""


@rule("servers/path", f"Request a path that the server has; {TABLE.name} lists the paths.")
def check_path(chart: RenderedChart) -> Iterator[Violation]:
    """A probe or a monitor requests a path that the server has, with the server's protocol."""
    for obj, _, each, path in chart.containers():
        for request in _list_probes(each, path):
            for wrong in _find_problems(each, request):
                yield Violation(
                    obj,
                    request.path,
                    f"{obj.identity}: {each.get('name')}: {request.what}: {wrong}",
                )
    for obj in chart.of_kind(*MONITORS):
        for each in _list_targets(chart, obj):
            for request in _list_scrapes(obj):
                for wrong in _find_problems(each, request) if _has_port(each, request) else ():
                    yield Violation(obj, request.path, f"{obj.identity}: {request.what}: {wrong}")


def _list_probes(container: Object, path: KeyPath) -> Iterator[Request]:
    for probe in PROBES:
        handler = container.get(probe) or {}
        if isinstance(get := handler.get("httpGet"), dict):
            scheme = str(get.get("scheme", "HTTP")).lower()
            target = str(get.get("path", "/"))
            yield Request((*path, probe, "httpGet", "path"), probe, get.get("port"), target, scheme)
        if isinstance(grpc := handler.get("grpc"), dict):
            yield Request((*path, probe, "grpc"), probe, grpc.get("port"), "", "grpc")
        command = " ".join(map(str, (handler.get("exec") or {}).get("command") or []))
        for scheme, port, target in _URL.findall(command):
            number = int(port or {"http": 80, "https": 443}[scheme])
            yield Request((*path, probe, "exec"), probe, number, target or "/", scheme)


def _list_scrapes(monitor: RenderedObject) -> Iterator[Request]:
    for each in monitor.spec.get(MONITORS[monitor.kind]) or []:
        port, path = each.get("port"), str(each.get("path", "/metrics"))
        scheme = str(each.get("scheme", "http")).lower()
        yield Request(("spec", MONITORS[monitor.kind], "path"), f"port {port}", port, path, scheme)


def _list_targets(chart: RenderedChart, monitor: RenderedObject) -> Iterator[Object]:
    """Yield the containers that a monitor selects, by their pods or by their Services."""
    wanted = [read_selector(monitor)]
    if monitor.kind == "ServiceMonitor":
        services = [s for s in chart.of_kind("Service") if selects(wanted[0], s.labels)]
        wanted = [read_selector(service) for service in services]
    for _, pod in chart.pods():
        if any(selects(each, pod_labels(pod)) for each in wanted):
            yield from containers(pod)


def _has_port(container: Object, request: Request) -> bool:
    return any(port.get("name") == request.port for port in container.get("ports") or [])


def _find_number(container: Object, port: object) -> int | None:
    named = [p for p in container.get("ports") or [] if p.get("name") == port]
    if named:
        return int(named[0]["containerPort"])
    return int(port) if str(port).isdigit() else None  # type: ignore[call-overload]


def _find_problems(container: Object, request: Request) -> Iterator[str]:
    """Yield why the server in a container can't answer a request."""
    number = _find_number(container, request.port)
    known = [port for port in list_ports(container) if port.number == number]
    if known:
        yield from _compare(known[0], request)


def _compare(port: Port, request: Request) -> Iterator[str]:
    where = f"port {port.number} of {port.server}"
    if request.scheme == "grpc":
        if not port.grpc:
            yield f"{where} has no gRPC health service"
        elif port.tls:
            yield f"{where} requires TLS, which gRPC probes do not have"
    elif not port.paths:
        yield f"{where} has no path for probes; use tcpSocket{' or grpc' if port.grpc else ''}"
    elif not port.serves(request.url_path):
        yield f"{where} has no path {request.url_path}; its paths are {', '.join(port.paths)}"
    elif (request.scheme == "https") != port.tls:
        yield f"{where} has {'HTTPS' if port.tls else 'HTTP'}, not {request.scheme.upper()}"
