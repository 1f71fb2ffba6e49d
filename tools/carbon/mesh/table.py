"""The services table (`global.services`), read as the chart mesh-policies reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbon.charts.discovery import find_charts
from carbon.charts.merging import compute_values, merge
from carbon.files import read_yaml
from carbon.home import ROOT

NAMESPACE = "data-platform"
PROFILES: dict[str, Path | None] = {
    "quickstart": None,
    "production": ROOT / "values" / "production.yaml",
}
"""Values file of each profile. The quickstart has none: it is the umbrella's own values."""

SCRAPER = "prometheus"
"""Name of the entry of Prometheus."""
_SWITCHES = ("mesh", "monitoring")


@dataclass(frozen=True)
class Port:
    """A port, or a range of ports, of an entry of the services table."""

    name: str
    first: int
    last: int
    transport: str
    """TCP or UDP."""
    protocol: str
    mtls: str
    clients: Mapping[str, str]
    """Name of each client, with its access: `all` or a key of `access`."""
    access: Mapping[str, Any] = field(default_factory=dict)
    """Subsets of the port's HTTP API, by name: lists of operations."""
    everyone: bool = False
    """True if all entries with policies, and the other pods of the namespace, are clients."""

    @property
    def numbers(self) -> str:
        """The number, or the range as FIRST-LAST."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Entry:
    """One entry of the services table: a service, a client, or both."""

    name: str
    namespace: str
    selector: Mapping[str, str] | None
    """Labels of the entry's pods; None for an entry without pods."""
    cidrs: tuple[str, ...]
    account: str
    services: tuple[str, ...]
    policies: bool
    """True if mesh-policies renders policies for the entry's pods."""
    mesh: bool
    authorization: bool
    """True if mesh-policies renders an AuthorizationPolicy for the entry's pods."""
    ports: tuple[Port, ...]

    def selects(self, labels: Mapping[str, str], namespace: str) -> bool:
        """Return True if this entry selects a pod with these labels in this namespace."""
        local = self.selector is not None and self.namespace == namespace
        return local and (self.selector or {}).items() <= labels.items()


Table = dict[str, Entry]
AGENT_PORTS = tuple(
    Port(name, number, number, "TCP", "http", "permissive", {SCRAPER: "all"})
    for name, number in (("http-agent-metrics", 15020), ("http-proxy-metrics", 15090))
)
"""Ports of Istio's agent and proxy with metrics, which each entry in the mesh has."""


def load_globals(
    profile: Path | None = None, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return `global` as mesh-policies gets it in the umbrella, with a profile's values file.

    Args:
        profile: values file; None for the umbrella's own values.
        more: keys of `global` that override the keys of the files.
    """
    given = merge(read_yaml(profile) if profile else {}, {"global": more or {}})
    umbrella = next(chart for chart in find_charts() if chart.is_umbrella)
    values: dict[str, Any] = compute_values(umbrella, given)["mesh-policies"]["global"]
    return values


def read_table(values: Mapping[str, Any], namespace: str = NAMESPACE) -> Table:
    """Return the enabled entries of `global.services`, with defaults filled in."""
    rows = {name: row for name, row in values["services"].items() if _is_enabled(row, values)}
    policed = [name for name, row in rows.items() if _has_policies(row, namespace)]
    return {
        name: _read_entry(name, row, values, namespace, rows, policed)
        for name, row in sorted(rows.items())
    }


def list_ports(table: Table) -> Iterable[tuple[Entry, Port]]:
    """Yield every port of the services table, each with the entry that it belongs to."""
    return ((entry, port) for entry in table.values() for port in entry.ports)


def _is_enabled(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    enabled = row.get("enabled", True)
    return bool(values[enabled]["enabled"] if enabled in _SWITCHES else enabled)


def _has_policies(row: Mapping[str, Any], namespace: str) -> bool:
    own = row.get("namespace") or namespace
    return bool(row.get("policies", own == namespace and "selector" in row))


def _read_entry(
    name: str,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    namespace: str,
    rows: Mapping[str, Any],
    policed: list[str],
) -> Entry:
    mesh = values["mesh"]
    ray = "off" if mesh["ray"] is False else mesh["ray"]
    follows = row.get("mtls") == "ray"
    own = row.get("namespace") or namespace
    local = own == namespace and "selector" in row
    ports = []
    for port_name, port in row.get("ports", {}).items():
        plain = follows and ray == "portPermissive" and port.get("internal", False)
        mode = "permissive" if plain else "strict" if follows else row.get("mtls", "inherit")
        protocol = port.get("protocol", "tcp")
        first, last = _read_numbers(port, values)
        ports.append(
            Port(
                name=port_name,
                first=first,
                last=last,
                transport="UDP" if protocol == "udp" else "TCP",
                protocol=protocol,
                mtls=port.get("mtls", mode),
                clients=_read_clients(name, port.get("clients", {}), rows, policed),
                access=port.get("access", {}),
                everyone=_is_for_everyone(port.get("clients", {})),
            )
        )
    in_mesh = mesh["enabled"] and row.get("mesh", local) and not (follows and ray == "off")
    if in_mesh and "selector" in row and SCRAPER in rows:
        ports += AGENT_PORTS
    return Entry(
        name=name,
        namespace=own,
        selector=row.get("selector"),
        cidrs=tuple(row.get("cidrs", ())),
        account=row.get("serviceAccount", ""),
        services=tuple(row.get("services", ())),
        policies=_has_policies(row, namespace),
        mesh=in_mesh,
        authorization=row.get("authorization", False),
        ports=tuple(sorted(ports, key=lambda port: (port.first, port.transport))),
    )


def _is_for_everyone(clients: Mapping[str, str]) -> bool:
    return "everyone" in clients and "none" not in clients.values()


def _read_numbers(port: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[int, int]:
    if "ray" not in port:
        return port["number"], port.get("end", port["number"])
    pinned = values["ray"]["ports"][port["ray"]]
    return (pinned["first"], pinned["last"]) if isinstance(pinned, dict) else (pinned, pinned)


def _read_clients(
    server: str, listed: Mapping[str, str], rows: Mapping[str, Any], policed: list[str]
) -> dict[str, str]:
    every = {
        name: listed["everyone"] for name in policed if name != server and "everyone" in listed
    }
    wanted = every | {name: access for name, access in listed.items() if name in rows}
    return {name: access for name, access in sorted(wanted.items()) if access != "none"}
