"""Connections of rendered pods, read from the rendered objects.

The sources are hosts and ports in environment variables, arguments and mounted ConfigMaps,
ServiceAccount tokens (for the API server), and monitors (for Prometheus).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.charts.cases import list_pods

from carbon.charts.render import Object, containers
from carbon.mesh.table import NAMESPACE, Entry, Table

API = "kubernetes-api"
SCRAPER = "prometheus"
MONITORS = {"PodMonitor": "podMetricsEndpoints", "ServiceMonitor": "endpoints"}


@dataclass(frozen=True)
class Connection:
    """A connection from one entry of the services table to another; port 0 is any port."""

    client: str
    server: str
    port: int = 0


def find_entry(pod: Object, table: Table) -> Entry | None:
    """Return the entry of the services table that selects a pod."""
    labels = pod["metadata"]["labels"]
    return next((e for e in table.values() if e.selects(labels, NAMESPACE)), None)


@dataclass(frozen=True)
class Backend:
    """A Service and the pods that it selects."""

    name: str
    ports: Sequence[Object]
    pods: Sequence[Object]


def list_services(rendered: Sequence[Object]) -> Iterator[Backend]:
    """Yield the rendered Services, and the Service that KubeRay creates for a RayCluster's head.

    KubeRay adds every container port with appProtocol tcp, and the ports of headService.
    """
    pods = [pod for _, pod in list_pods(rendered)]
    for obj in rendered:
        name = obj["metadata"]["name"]
        if obj["kind"] == "Service":
            selected = [p for p in pods if _selects(obj, p)]
            yield Backend(name, obj["spec"]["ports"], selected)
        elif obj["kind"] == "RayCluster":
            group = obj["spec"]["headGroupSpec"]
            pod = group["template"]
            own = group.get("headService", {}).get("spec", {}).get("ports", [])
            added = [
                {"name": p["name"], "port": p["containerPort"], "appProtocol": "tcp"}
                for p in pod["spec"]["containers"][0].get("ports", [])
            ]
            yield Backend(f"{name}-head-svc", [*own, *added], [pod])


def find_connections(rendered: Sequence[Object], table: Table) -> set[Connection]:
    """Return the connections of rendered pods between different entries of the services table."""
    hosts = _map_hosts(rendered, table)
    files = {
        o["metadata"]["name"]: o.get("data") or {} for o in rendered if o["kind"] == "ConfigMap"
    }
    found: set[Connection] = set()
    for name, pod in list_pods(rendered):
        entry = find_entry(pod, table)
        client = entry.name if entry else name
        for host, port in _find_hosts(pod, files, hosts):
            server, ports = hosts[host]
            found.add(Connection(client, server, ports.get(port, port)))
        if _has_token(pod):
            found.add(Connection(client, API))
    found |= {Connection(SCRAPER, *target) for target in _list_scraped(rendered, table)}
    return {each for each in found if each.client != each.server}


def list_missing(found: set[Connection], table: Table) -> list[str]:
    """Return a message for each connection that the services table lacks, with the line to add."""
    return sorted(
        f"{c.client} connects to {c.server}: write `{c.client}: all` below"
        f" global.services.{c.server}.ports.*.clients (port {c.port or 'any'})"
        for c in found
        if not any(
            c.client in port.clients and (not c.port or port.first <= c.port <= port.last)
            for port in (table[c.server].ports if c.server in table else ())
        )
    )


def _map_hosts(
    rendered: Sequence[Object], table: Table
) -> dict[str, tuple[str, Mapping[int, int]]]:
    """Return, by name of a Service, the entry of its pods, and Service port -> container port."""
    hosts: dict[str, tuple[str, Mapping[int, int]]] = {}
    for each in list_services(rendered):
        entry = next((e for p in each.pods if (e := find_entry(p, table))), None)
        ports = {p["port"]: pod_port(p, each.pods) for p in each.ports}
        hosts[each.name] = (entry.name if entry else f"Service/{each.name}", ports)
    for entry in table.values():
        hosts |= {s: (entry.name, {}) for s in entry.services if s not in hosts}
    return hosts


def pod_port(port: Object, selected: Sequence[Object]) -> int:
    """Return the number of the container port that a Service port targets."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = [q for p in selected for c in containers(p) for q in c.get("ports", [])]
    return int(next(q["containerPort"] for q in named if q.get("name") == target))


def _selects(service: Object, pod: Object) -> bool:
    return bool(service["spec"]["selector"].items() <= pod["metadata"]["labels"].items())


def _find_hosts(
    pod: Object, files: Mapping[str, Mapping[str, str]], hosts: Mapping[str, object]
) -> Iterator[tuple[str, int]]:
    """Yield the hosts that a pod's configuration names, each with its port; 0 is no port."""
    names = "|".join(sorted(map(re.escape, hosts), key=len, reverse=True))
    domain = rf"(?:\.{NAMESPACE}|\.[a-z-]+)?(?:\.svc(?:\.[a-z.]+)?)?"
    with_port = re.compile(rf"(?<![\w.-])({names}){domain}:(\d+)(?!\d)")
    in_url = re.compile(rf"https?://({names}){domain}(?=[/\s\"']|$)")
    for text in _list_texts(pod, files):
        yield from ((host, int(port)) for host, port in with_port.findall(text))
        yield from ((host, 443 if "https" in text else 80) for host in in_url.findall(text))
    for container in containers(pod):
        env = {e["name"]: e["value"] for e in container.get("env", []) if "value" in e}
        for key, value in env.items():
            host = value.split(".")[0]
            if key.endswith("HOST") and host in hosts:
                yield host, int(env.get(key.removesuffix("HOST") + "PORT", 0))


def _list_texts(pod: Object, files: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for container in containers(pod):
        yield from (e["value"] for e in container.get("env", []) if "value" in e)
        yield from map(str, [*container.get("command", []), *container.get("args", [])])
    for volume in pod["spec"].get("volumes", []):
        yield from files.get(volume.get("configMap", {}).get("name"), {}).values()


def _has_token(pod: Object) -> bool:
    projected = [
        source
        for volume in pod["spec"].get("volumes", [])
        for source in volume.get("projected", {}).get("sources", [])
    ]
    mounted = any("serviceAccountToken" in source for source in projected)
    return mounted or bool(pod["spec"].get("automountServiceAccountToken", True))


def _list_scraped(rendered: Sequence[Object], table: Table) -> Iterator[tuple[str, int]]:
    """Yield the entries of the services table that monitors select, with the scraped port."""
    pods = [pod for _, pod in list_pods(rendered)]
    services = [obj for obj in rendered if obj["kind"] == "Service"]
    for obj in rendered:
        labels = obj.get("spec", {}).get("selector", {}).get("matchLabels", {})
        for endpoint in obj.get("spec", {}).get(MONITORS.get(obj["kind"], ""), []):
            if obj["kind"] == "ServiceMonitor":
                chosen = [s for s in services if labels.items() <= s["metadata"]["labels"].items()]
                selected = [p for p in pods if any(_selects(s, p) for s in chosen)]
            else:
                selected = [p for p in pods if labels.items() <= p["metadata"]["labels"].items()]
            for pod in selected:
                entry = find_entry(pod, table)
                ports = [q for c in containers(pod) for q in c.get("ports", [])]
                for port in ports:
                    if entry and port.get("name") == endpoint["port"]:
                        yield entry.name, int(port["containerPort"])
