"""Routes to a server: open ports, and backends that exist."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.charts import kuberay
from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects

PINNED = re.compile(r"--([\w-]*port)=(\d+)")


def list_container_ports(container: Object) -> set[Any]:
    """Return names and numbers of a container's ports, with the ports that the command sets."""
    ports = container.get("ports") or []
    given = [*(container.get("command") or []), *(container.get("args") or [])]
    pinned = {name: int(port) for name, port in PINNED.findall(" ".join(map(str, given)))}
    workers = range(pinned.get("min-worker-port", 0), pinned.get("max-worker-port", -1) + 1)
    there = {p.get("name") for p in ports} | {p.get("containerPort") for p in ports}
    return there | set(pinned.values()) | set(workers)


def list_ports(pod: Object) -> set[Any]:
    """Return names and numbers of the ports of a pod."""
    return set().union(*map(list_container_ports, containers(pod)))


@rule("routes/target", "Set targetPort to a port of the container.")
def check_target(chart: RenderedChart) -> Iterator[Violation]:
    """The target port of a Service is a port of its pods."""
    for obj in chart.of_kind("Service"):
        chosen = [p for _, p in chart.pods() if selects(read_selector(obj), pod_labels(p))]
        there = set().union(*map(list_ports, chosen))
        for port in obj.spec.get("ports") or [] if chosen else []:
            to = port.get("targetPort", port.get("port"))
            if to not in there:
                wrong = f"{obj.identity}: no pod opens the target port {to}"
                yield Violation(obj, ("ports", f"name={port.get('name')}"), wrong)


@rule(
    "routes/target-name",
    "Set targetPort to the container port with the name of the Service's port.",
)
def check_target_name(chart: RenderedChart) -> Iterator[Violation]:
    """A port of a Service leads to the container port of the same name.

    The target may be a port of another name if a sidecar opens it, and no other port of the Service
    has that name.
    """
    for obj in chart.of_kind("Service"):
        ports = obj.spec.get("ports") or []
        own = {port.get("name") for port in ports}
        chosen = [p for _, p in chart.pods() if selects(read_selector(obj), pod_labels(p))]
        for port, pod in ((port, pod) for port in ports for pod in chosen):
            name, to = port.get("name"), port.get("targetPort", port.get("port"))
            for target in _find_others(pod, name, to):
                if target in own or _have_one_container(pod, name, target):
                    wrong = f"{obj.identity}: port {name} leads to the container port {target}"
                    at = ("ports", f"name={name}", "targetPort")
                    yield Violation(obj, at, f"{wrong}, and the pods have a port {name}")


def _find_others(pod: Object, name: Any, to: Any) -> list[Any]:
    """Return the names of the ports at `to`; none if the port `name` is absent, or is at `to`."""
    listed = [port for each in containers(pod) for port in each.get("ports") or []]
    named = [port for port in listed if port.get("name") == name]
    there = [port for port in listed if to in (port.get("name"), port.get("containerPort"))]
    same = {port.get("containerPort") for port in named}
    wrong = [port.get("name") for port in there if port.get("containerPort") not in same]
    return list(dict.fromkeys(wrong)) if named and len(wrong) == len(there) else []


def _have_one_container(pod: Object, *names: Any) -> bool:
    """Return whether one container has a port of each name."""
    ports = ([port.get("name") for port in c.get("ports") or []] for c in containers(pod))
    return any(all(name in each for name in names) for each in ports)


@rule("routes/protocol", "Set appProtocol.", house=True)
def check_protocol(chart: RenderedChart) -> Iterator[Violation]:
    """Every port of a Service states its application protocol, which the mesh needs."""
    for obj in chart.of_kind("Service"):
        for port in obj.spec.get("ports") or []:
            if not port.get("appProtocol"):
                wrong = f"{obj.identity}: port {port.get('name')} has no appProtocol"
                yield Violation(obj, ("ports", f"name={port.get('name')}"), wrong)


@rule("routes/probe", "Set the port of the probe to a port that the container lists.")
def check_probe(chart: RenderedChart) -> Iterator[Violation]:
    """A probe that names its port names a port of the container."""
    yield from _check_probes(chart, str)


@rule("routes/probe-number", "List the port in the ports of the container.", house=True)
def check_probe_number(chart: RenderedChart) -> Iterator[Violation]:
    """A probe that states a port number states one that its container lists, if it lists any."""
    yield from _check_probes(chart, int)


def _check_probes(chart: RenderedChart, shape: type) -> Iterator[Violation]:
    """Yield a violation for each probe with a port of one type that its container does not list."""
    for obj, _, each, path in chart.containers():
        there = list_container_ports(each)
        for key in ("startupProbe", "readinessProbe", "livenessProbe"):
            for kind in ("httpGet", "tcpSocket", "grpc"):
                port = ((each.get(key) or {}).get(kind) or {}).get("port")
                known = port in there or (shape is int and not there)
                if isinstance(port, shape) and not known:
                    wrong = f"{obj.identity}: {each.get('name')}: {key}: port {port} is not open"
                    yield Violation(obj, (*path, key, kind), wrong)


@rule("routes/backend", "Name a Service that the chart renders, and one of its ports.")
def check_backend(chart: RenderedChart) -> Iterator[Violation]:
    """The backend of an Ingress or route is a Service and port of the chart, or of KubeRay."""
    services = {each.name: each.spec.get("ports") or [] for each in chart.of_kind("Service")}
    for obj in chart.of_kind("RayCluster", "RayService"):
        if obj.pods:
            services |= dict(kuberay.list_services(obj.body))
    for obj in chart.of_kind("Ingress"):
        for each in obj.spec.get("rules") or []:
            for path in (each.get("http") or {}).get("paths") or []:
                to = (path.get("backend") or {}).get("service") or {}
                yield from _check_backend(
                    obj, services, to.get("name"), (to.get("port") or {}).values()
                )
    for obj in chart.of_kind("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        for each in obj.spec.get("rules") or []:
            for to in each.get("backendRefs") or []:
                if to.get("kind", "Service") == "Service" and "namespace" not in to:
                    yield from _check_backend(obj, services, to.get("name"), [to.get("port")])


def _check_backend(
    obj: RenderedObject, services: dict[str, list[Object]], name: Any, ports: Any
) -> Iterator[Violation]:
    if name not in services:
        yield Violation(
            obj, ("spec", "rules"), f"{obj.identity}: the chart renders no Service/{name}"
        )
        return
    there = services[name]
    known = {port.get("name") for port in there} | {port.get("port") for port in there}
    for port in ports:
        if port not in known:
            wrong = f"{obj.identity}: Service/{name} has no port {port}"
            yield Violation(obj, ("spec", "rules", "port"), wrong)


@rule("routes/headless", "Render a Service with that name.")
def check_headless(chart: RenderedChart) -> Iterator[Violation]:
    """The serviceName of a StatefulSet is a Service of the chart."""
    for obj in chart.of_kind("StatefulSet"):
        if obj.spec.get("serviceName") not in chart.names("Service"):
            wrong = f"{obj.identity}: the chart renders no Service/{obj.spec.get('serviceName')}"
            yield Violation(obj, ("spec", "serviceName"), wrong)


@rule("routes/scale", "Set scaleTargetRef to a workload that the chart renders.")
def check_scale(chart: RenderedChart) -> Iterator[Violation]:
    """The target of an autoscaler is a workload of the chart."""
    for obj in chart.of_kind("HorizontalPodAutoscaler"):
        to = obj.spec.get("scaleTargetRef") or {}
        if to.get("name") not in chart.names(str(to.get("kind"))):
            wrong = f"{obj.identity}: the chart renders no {to.get('kind')}/{to.get('name')}"
            yield Violation(obj, ("spec", "scaleTargetRef", "name"), wrong)
