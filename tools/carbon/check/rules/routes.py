"""Ways to a server: ports that are open, backends that are there."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.charts import kuberay
from carbon.charts.render import Object, containers
from carbon.check.drawn import Drawn, Thing, labels_of
from carbon.check.findings import Fault, rule
from carbon.check.rules.selectors import selector, selects

PINNED = re.compile(r"--([\w-]*port)=(\d+)")


def opened(container: Object) -> set[Any]:
    """Names and numbers of a container's ports, those included that its command pins."""
    ports = container.get("ports") or []
    given = [*(container.get("command") or []), *(container.get("args") or [])]
    pinned = {name: int(port) for name, port in PINNED.findall(" ".join(map(str, given)))}
    workers = range(pinned.get("min-worker-port", 0), pinned.get("max-worker-port", -1) + 1)
    there = {p.get("name") for p in ports} | {p.get("containerPort") for p in ports}
    return there | set(pinned.values()) | set(workers)


def open_ports(pod: Object) -> set[Any]:
    """Names and numbers of the ports of a pod."""
    return set().union(*map(opened, containers(pod)))


@rule("routes/target", "Name a port of the container in targetPort.")
def target(drawn: Drawn) -> Iterator[Fault]:
    """A Service's ports lead to ports that its pods open."""
    for thing in drawn.of_kind("Service"):
        chosen = [p for _, p in drawn.pods() if selects(selector(thing), labels_of(p))]
        there = set().union(*map(open_ports, chosen))
        for port in thing.spec.get("ports") or [] if chosen else []:
            to = port.get("targetPort", port.get("port"))
            if to not in there:
                wrong = f"{thing.identity}: port {port.get('name')} leads to {to}, which is closed"
                yield Fault(thing, ("ports", f"name={port.get('name')}"), wrong)


@rule("routes/protocol", "Set appProtocol.", house=True)
def protocol(drawn: Drawn) -> Iterator[Fault]:
    """A Service says what its ports speak: the mesh needs to know."""
    for thing in drawn.of_kind("Service"):
        for port in thing.spec.get("ports") or []:
            if not port.get("appProtocol"):
                wrong = f"{thing.identity}: port {port.get('name')} states no appProtocol"
                yield Fault(thing, ("ports", f"name={port.get('name')}"), wrong)


@rule("routes/probe", "Ask a port that the container lists.")
def probe(drawn: Drawn) -> Iterator[Fault]:
    """Probes ask ports that their container opens."""
    for thing, _, each, path in drawn.containers():
        there = opened(each)
        for key in ("startupProbe", "readinessProbe", "livenessProbe"):
            for kind in ("httpGet", "tcpSocket", "grpc"):
                asked = ((each.get(key) or {}).get(kind) or {}).get("port")
                known = asked in there or (isinstance(asked, int) and not there)
                if asked is not None and not known:
                    wrong = f"{thing.identity}: {each.get('name')}: {key} asks {asked}, closed"
                    yield Fault(thing, (*path, key, kind), wrong)


@rule("routes/backend", "Name a Service that is drawn, and one of its ports.")
def backend(drawn: Drawn) -> Iterator[Fault]:
    """An Ingress or route leads to a Service and port that are drawn, or that KubeRay makes."""
    services = {each.name: each.spec.get("ports") or [] for each in drawn.of_kind("Service")}
    for thing in drawn.of_kind("RayCluster", "RayService"):
        if thing.pods:
            services |= dict(kuberay.services(thing.body))
    for thing in drawn.of_kind("Ingress"):
        for each in thing.spec.get("rules") or []:
            for path in (each.get("http") or {}).get("paths") or []:
                to = (path.get("backend") or {}).get("service") or {}
                yield from _leads(thing, services, to.get("name"), (to.get("port") or {}).values())
    for thing in drawn.of_kind("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        for each in thing.spec.get("rules") or []:
            for to in each.get("backendRefs") or []:
                if to.get("kind", "Service") == "Service" and "namespace" not in to:
                    yield from _leads(thing, services, to.get("name"), [to.get("port")])


def _leads(
    thing: Thing, services: dict[str, list[Object]], name: Any, ports: Any
) -> Iterator[Fault]:
    if name not in services:
        yield Fault(thing, ("spec", "rules"), f"{thing.identity}: there is no Service/{name}")
        return
    there = services[name]
    known = {port.get("name") for port in there} | {port.get("port") for port in there}
    for port in ports:
        if port not in known:
            wrong = f"{thing.identity}: Service/{name} has no port {port}"
            yield Fault(thing, ("spec", "rules", "port"), wrong)


@rule("routes/headless", "Draw a Service of that name.")
def headless(drawn: Drawn) -> Iterator[Fault]:
    """A StatefulSet's serviceName is a Service that is drawn."""
    for thing in drawn.of_kind("StatefulSet"):
        if thing.spec.get("serviceName") not in drawn.names("Service"):
            wrong = f"{thing.identity}: there is no Service/{thing.spec.get('serviceName')}"
            yield Fault(thing, ("spec", "serviceName"), wrong)


@rule("routes/scale", "Name a workload that is drawn in scaleTargetRef.")
def scale(drawn: Drawn) -> Iterator[Fault]:
    """An autoscaler scales something that is drawn."""
    for thing in drawn.of_kind("HorizontalPodAutoscaler"):
        to = thing.spec.get("scaleTargetRef") or {}
        if to.get("name") not in drawn.names(str(to.get("kind"))):
            wrong = f"{thing.identity}: there is no {to.get('kind')}/{to.get('name')}"
            yield Fault(thing, ("spec", "scaleTargetRef"), wrong)
