"""What rendered pods connect to, as far as their objects say it: hosts and ports in environment,
arguments and mounted files, tokens for the API server, and what monitors have scraped."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.charts.cases import workload

from carbon.charts.render import Object, containers, pod_templates
from carbon.mesh.table import NAMESPACE, Entry, Table

API = "kubernetes-api"
SCRAPER = "prometheus"
MONITORS = {"PodMonitor": "podMetricsEndpoints", "ServiceMonitor": "endpoints"}


@dataclass(frozen=True)
class Connection:
    """A connection that a pod opens: who, to which entry of the table, on which port (0: any)."""

    client: str
    server: str
    port: int = 0


def rendered_pods(things: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    """Every pod of a render with the workload that makes it."""
    return ((workload(thing), pod) for thing in things for pod in pod_templates(thing))


def entry_of(pod: Object, table: Table) -> Entry | None:
    """The entry of the table that stands for a pod."""
    labels = pod["metadata"]["labels"]
    return next((e for e in table.values() if e.selects(labels, NAMESPACE)), None)


@dataclass(frozen=True)
class Reached:
    """A Service and the pods behind it."""

    name: str
    ports: Sequence[Object]
    pods: Sequence[Object]


def services(things: Sequence[Object]) -> Iterator[Reached]:
    """The Services of a render, and those that KubeRay makes for heads: it names every container
    port as tcp, and takes others from headService."""
    pods = [pod for _, pod in rendered_pods(things)]
    for thing in things:
        name = thing["metadata"]["name"]
        if thing["kind"] == "Service":
            chosen = [p for p in pods if _selected(thing, p)]
            yield Reached(name, thing["spec"]["ports"], chosen)
        elif thing["kind"] == "RayCluster":
            group = thing["spec"]["headGroupSpec"]
            pod = group["template"]
            own = group.get("headService", {}).get("spec", {}).get("ports", [])
            made = [
                {"name": p["name"], "port": p["containerPort"], "appProtocol": "tcp"}
                for p in pod["spec"]["containers"][0].get("ports", [])
            ]
            yield Reached(f"{name}-head-svc", [*own, *made], [pod])


def connections(things: Sequence[Object], table: Table) -> set[Connection]:
    """What the pods of a render connect to, others than themselves."""
    hosts = _hosts(things, table)
    files = {t["metadata"]["name"]: t.get("data") or {} for t in things if t["kind"] == "ConfigMap"}
    found: set[Connection] = set()
    for name, pod in rendered_pods(things):
        entry = entry_of(pod, table)
        client = entry.name if entry else name
        for host, port in _named(pod, files, hosts):
            server, ports = hosts[host]
            found.add(Connection(client, server, ports.get(port, port)))
        if _has_token(pod):
            found.add(Connection(client, API))
    found |= {Connection(SCRAPER, *scraped) for scraped in _scraped(things, table)}
    return {each for each in found if each.client != each.server}


def absent(found: set[Connection], table: Table) -> list[str]:
    """Connections that the table does not allow, each with the line that would."""
    return sorted(
        f"{c.client} connects to {c.server}: write `{c.client}: all` below"
        f" global.services.{c.server}.ports.*.clients (port {c.port or 'any'})"
        for c in found
        if not any(
            c.client in port.clients and (not c.port or port.first <= c.port <= port.last)
            for port in (table[c.server].ports if c.server in table else ())
        )
    )


def _hosts(things: Sequence[Object], table: Table) -> dict[str, tuple[str, Mapping[int, int]]]:
    """Services by name: their entry, and which port of its pods each of their ports is."""
    hosts: dict[str, tuple[str, Mapping[int, int]]] = {}
    for each in services(things):
        entry = next((e for p in each.pods if (e := entry_of(p, table))), None)
        ports = {p["port"]: pod_port(p, each.pods) for p in each.ports}
        hosts[each.name] = (entry.name if entry else f"Service/{each.name}", ports)
    for entry in table.values():
        hosts |= {s: (entry.name, {}) for s in entry.services if s not in hosts}
    return hosts


def pod_port(port: Object, chosen: Sequence[Object]) -> int:
    """The number that a Service's port has on its pods."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = [q for p in chosen for c in containers(p) for q in c.get("ports", [])]
    return int(next(q["containerPort"] for q in named if q.get("name") == target))


def _selected(service: Object, pod: Object) -> bool:
    chosen: bool = service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    return chosen


def _named(
    pod: Object, files: Mapping[str, Mapping[str, str]], hosts: Mapping[str, object]
) -> Iterator[tuple[str, int]]:
    """Hosts of Services with the port, 0 if none is said, that a pod's texts name."""
    names = "|".join(sorted(map(re.escape, hosts), key=len, reverse=True))
    domain = rf"(?:\.{NAMESPACE}|\.[a-z-]+)?(?:\.svc(?:\.[a-z.]+)?)?"
    with_port = re.compile(rf"(?<![\w.-])({names}){domain}:(\d+)(?!\d)")
    in_url = re.compile(rf"https?://({names}){domain}(?=[/\s\"']|$)")
    for text in _texts(pod, files):
        yield from ((host, int(port)) for host, port in with_port.findall(text))
        yield from ((host, 443 if "https" in text else 80) for host in in_url.findall(text))
    for container in containers(pod):
        env = {e["name"]: e["value"] for e in container.get("env", []) if "value" in e}
        for key, value in env.items():
            host = value.split(".")[0]
            if key.endswith("HOST") and host in hosts:
                yield host, int(env.get(key.removesuffix("HOST") + "PORT", 0))


def _texts(pod: Object, files: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
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


def _scraped(things: Sequence[Object], table: Table) -> Iterator[tuple[str, int]]:
    pods = [pod for _, pod in rendered_pods(things)]
    drawn = [t for t in things if t["kind"] == "Service"]
    for thing in things:
        labels = thing.get("spec", {}).get("selector", {}).get("matchLabels", {})
        for endpoint in thing.get("spec", {}).get(MONITORS.get(thing["kind"], ""), []):
            if thing["kind"] == "ServiceMonitor":
                behind = [s for s in drawn if labels.items() <= s["metadata"]["labels"].items()]
                chosen = [p for p in pods if any(_selected(s, p) for s in behind)]
            else:
                chosen = [p for p in pods if labels.items() <= p["metadata"]["labels"].items()]
            for pod in chosen:
                entry = entry_of(pod, table)
                ports = [q for c in containers(pod) for q in c.get("ports", [])]
                for port in ports:
                    if entry and port.get("name") == endpoint["port"]:
                        yield entry.name, int(port["containerPort"])
