"""Connections of rendered pods, read from the rendered objects.

The sources are hosts and ports in environment variables, arguments and mounted ConfigMaps,
ServiceAccount tokens (for the API server), and monitors (for Prometheus).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carbon.charts.render import Object, containers
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.services.backends import list_backends
from carbon.check.services.entries import find_entry
from carbon.mesh.table import SCRAPER, Table

API = "kubernetes-api"
MONITORS = {"PodMonitor": "podMetricsEndpoints", "ServiceMonitor": "endpoints"}


@dataclass(frozen=True)
class Connection:
    """A connection from one entry of the services table to another.

    Port 0 stands for any port of the server.
    """

    client: str
    server: str
    port: int = 0


Hosts = Mapping[str, tuple[str, Mapping[int, int]]]
"""By name of a Service: the entry of its pods, and Service port -> container port."""


def find_connections(
    chart: RenderedChart, table: Table
) -> Iterator[tuple[RenderedObject, Connection]]:
    """Yield the connections between entries of all rendered pods, each with the pod's object."""
    hosts = _map_hosts(chart, table)
    files = {obj.name: obj.body.get("data") or {} for obj in chart.of_kind("ConfigMap")}
    for obj, pod in chart.pods():
        entry = find_entry(pod, table, chart.namespace)
        client = entry.name if entry else obj.workload
        found = [
            Connection(client, hosts[host][0], hosts[host][1].get(port, port))
            for host, port in _find_hosts(pod, files, hosts, chart.namespace)
        ]
        if has_token(pod):
            found.append(Connection(client, API))
        yield from ((obj, each) for each in dict.fromkeys(found) if each.client != each.server)
    for monitor, server, port in _list_scraped(chart, table):
        yield monitor, Connection(SCRAPER, server, port)


def describe_missing(connection: Connection, table: Table) -> str:
    """Return what to write into the services table; empty if it allows the connection."""
    client, server, port = connection.client, connection.server, connection.port
    where = f"global.services.{server}"
    if server not in table:
        return f"write an entry {where} with the port {port or 'of the API server'}"
    ports = [each for each in table[server].ports if not port or each.first <= port <= each.last]
    if any(client in each.clients for each in ports):
        return ""
    if not ports:
        known = ", ".join(f"{each.name} {each.numbers}" for each in table[server].ports)
        return f"{where} has no port {port}; correct the client, or the ports: {known or 'none'}"
    names = ".clients and ".join(f"{where}.ports.{each.name}" for each in ports)
    return f"write `{client}: all` below {names}.clients"


def _map_hosts(chart: RenderedChart, table: Table) -> Hosts:
    hosts: dict[str, tuple[str, Mapping[int, int]]] = {}
    for each in list_backends(chart):
        entries = [find_entry(pod, table, chart.namespace) for pod in each.pods]
        entry = next(filter(None, entries), None)
        ports = {port["port"]: each.find_number(port) or port["port"] for port in each.ports}
        hosts[each.name] = (entry.name if entry else f"Service/{each.name}", ports)
    for entry in table.values():
        hosts |= {name: (entry.name, {}) for name in entry.services if name not in hosts}
    return hosts


def _find_hosts(
    pod: Object, files: Mapping[str, Mapping[str, Any]], hosts: Hosts, namespace: str
) -> Iterator[tuple[str, int]]:
    """Yield the hosts that a pod's configuration names, each with its port; 0 without a port."""
    names = "|".join(sorted(map(re.escape, hosts), key=len, reverse=True))
    domain = rf"(?:\.{re.escape(namespace)}|\.[a-z-]+)?(?:\.svc(?:\.[a-z.]+)?)?"
    with_port = re.compile(rf"(?<![\w.-])({names}){domain}:(\d+)(?!\d)")
    in_url = re.compile(rf"https?://({names}){domain}(?=[/\s\"']|$)")
    for text in dict.fromkeys(list_texts(pod, files)):
        yield from ((host, int(port)) for host, port in with_port.findall(text))
        yield from ((host, 443 if "https" in text else 80) for host in in_url.findall(text))
    for container in containers(pod):
        env = {e["name"]: e["value"] for e in container.get("env") or [] if "value" in e}
        for key, value in env.items():
            host = str(value).split(".")[0]
            if key.endswith("HOST") and host in hosts:
                yield host, int(env.get(key.removesuffix("HOST") + "PORT", 0))


def list_texts(pod: Object, files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the texts that configure a pod: variables, commands and its ConfigMaps' `files`."""
    for container in containers(pod):
        yield from (str(e["value"]) for e in container.get("env") or [] if "value" in e)
        words = [*(container.get("command") or []), *(container.get("args") or [])]
        yield from map(str, words)
    for volume in pod["spec"].get("volumes") or []:
        name = str((volume.get("configMap") or {}).get("name"))
        yield from map(str, files.get(name, {}).values())


def has_token(pod: Object) -> bool:
    """Return whether a pod mounts a token of its ServiceAccount."""
    projected = [
        source
        for volume in pod["spec"].get("volumes") or []
        for source in (volume.get("projected") or {}).get("sources") or []
    ]
    mounted = any("serviceAccountToken" in source for source in projected)
    return mounted or bool(pod["spec"].get("automountServiceAccountToken", True))


def _list_scraped(chart: RenderedChart, table: Table) -> Iterator[tuple[RenderedObject, str, int]]:
    """Yield the monitors, the entries of the pods that they select, and the scraped ports."""
    services = chart.of_kind("Service")
    for obj in chart.of_kind(*MONITORS):
        wanted = [read_selector(obj)]
        if obj.kind == "ServiceMonitor":
            wanted = [read_selector(s) for s in services if selects(wanted[0], s.labels)]
        ports = {each.get("port") for each in obj.spec.get(MONITORS[obj.kind]) or []}
        for _, pod in chart.pods():
            entry = find_entry(pod, table, chart.namespace)
            if entry is None or not any(selects(each, pod_labels(pod)) for each in wanted):
                continue
            for port in (q for c in containers(pod) for q in c.get("ports") or []):
                if port.get("name") in ports:
                    yield obj, entry.name, int(port["containerPort"])
