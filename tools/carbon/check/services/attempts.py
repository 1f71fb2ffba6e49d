"""Connections to try between pods, and whether the services table allows each.

This module does not read rendered policies, so that an oracle that reads only the policies can be
compared with it.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from carbon.mesh.table import AGENT_PORTS, SCRAPER, Entry, Port, Table

PART_OF = {"app.kubernetes.io/part-of": "254carbon"}
ELSEWHERE = "elsewhere"
"""A namespace without policies."""
UNLISTED = (4242, "TCP")
"""Number and transport of a port that no entry of the services table has."""
EGRESS, INGRESS = "egress", "ingress"
Ports = list[tuple[int, int, str]]
"""Ranges of ports: first, last, and TCP or UDP."""


@dataclass(frozen=True, eq=False)
class Peer:
    """A pod, or an address outside the cluster (without a namespace)."""

    name: str
    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the pod's named container ports."""
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the pod's namespace beside kubernetes.io/metadata.name."""

    def is_of(self, entry: Entry) -> bool:
        """Return whether an entry of the services table selects the peer."""
        return entry.selects(self.labels, self.namespace) or any(
            ipaddress.ip_address(self.address) in ipaddress.ip_network(cidr) for cidr in entry.cidrs
        )


@dataclass(frozen=True)
class Attempt:
    """One connection to try."""

    source: Peer
    target: Peer
    port: int
    transport: str

    def __str__(self) -> str:
        """Return the connection as a message shows it."""
        return f"{self.source.name} -> {self.target.name} {self.port}/{self.transport}"


def _list_peers(
    table: Table, workloads: Mapping[str, Mapping[str, str]], namespace: str
) -> list[Peer]:
    """Return the peers of all connections to try.

    These are the rendered pods (`workloads` is workload -> labels), the entries of the services
    table that no rendered pod matches, copies of both in another namespace, pods of no entry with
    and without the platform's label, and an address outside the cluster.
    """
    ends: list[tuple[str, str, Mapping[str, str]]] = [
        (name, namespace, labels) for name, labels in workloads.items()
    ]
    for entry in table.values():
        rendered = any(entry.selects(labels, namespace) for labels in workloads.values())
        if entry.selector is not None and not rendered:
            ours = PART_OF if entry.namespace == namespace else {}
            ends.append((entry.name, entry.namespace, ours | dict(entry.selector)))
            if entry.namespace == namespace:
                labels = ours | dict(entry.selector)
                ends.append((f"{entry.name} in another namespace", ELSEWHERE, labels))
    ends += [(f"{n} in another namespace", ELSEWHERE, labels) for n, labels in workloads.items()]
    ends += [
        ("a pod with the label part-of", namespace, PART_OF | {"app": "stranger"}),
        ("a pod of another project", namespace, {"app": "neighbour"}),
    ]
    pods = [
        Peer(n, f"198.18.{i // 250}.{i % 250 + 1}", ns, lb) for i, (n, ns, lb) in enumerate(ends)
    ]
    return [*pods, Peer("an address outside the cluster", "203.0.113.7")]


def list_attempts(
    table: Table, workloads: Mapping[str, Mapping[str, str]], namespace: str
) -> Iterator[Attempt]:
    """Yield the connections to try between each pair of peers.

    `workloads` is workload -> labels of its pods.

    The ports are those of the target, those that the source uses on other targets, the neighbours
    of port ranges, and a port of no entry.
    """
    peers = _list_peers(table, workloads, namespace)
    mine = {peer: [e for e in table.values() if peer.is_of(e)] for peer in peers}
    own = {peer: set(_list_ports(entries)) for peer, entries in mine.items()}
    used = {
        peer: set(_list_ports(table.values(), [e.name for e in entries]))
        for peer, entries in mine.items()
    }
    for source in peers:
        for target in peers:
            if source is not target or mine[source]:
                for port, transport in sorted(own[target] | used[source] | {UNLISTED}):
                    yield Attempt(source, target, port, transport)


class Rights:
    """The connections that the services table allows.

    `default_deny` states which pods without an entry are isolated: those of the namespace, those of
    the platform, or none (`entries`).
    """

    def __init__(self, table: Table, namespace: str, default_deny: str) -> None:
        self._table = table
        self._namespace = namespace
        self._default_deny = default_deny
        self._has_mesh = any(entry.mesh for entry in table.values())
        self.is_isolated = cache(self._is_isolated)
        self.list_ports = cache(self._list_ports)
        self._find_entries = cache(self._list_entries)
        self._find_selecting = cache(self._list_selecting)
        self._neighbours = {way: self._list_neighbours(way) for way in (EGRESS, INGRESS)}

    def allows(self, one: Attempt, way: str) -> bool:
        """Return whether the policies of one end, the source for egress, allow a connection."""
        near, far = (one.source, one.target) if way == EGRESS else (one.target, one.source)
        ports = [*self.list_ports(near, far, way), *self._list_common(near, far, way)]
        return not self.is_isolated(near) or any(
            transport == one.transport and first <= one.port <= last
            for first, last, transport in ports
        )

    def _list_common(self, near: Peer, far: Peer, way: str) -> Ports:
        """Return the ports that are open for every pod of an isolated namespace.

        Pods may connect to what all need, such as DNS; Prometheus may scrape Istio's agent.
        """
        if near.namespace != self._namespace or self._default_deny != "namespace":
            return []
        entries = self._find_entries(far)
        if way == EGRESS:
            ports = [p for name in entries for p in self._table[name].ports if p.everyone]
        else:
            ports = list(AGENT_PORTS if self._has_mesh and SCRAPER in entries else ())
        return [(port.first, port.last, port.transport) for port in ports]

    def _is_isolated(self, peer: Peer) -> bool:
        if self._find_selecting(peer):
            return True
        ours = self._default_deny == "namespace" or PART_OF.items() <= peer.labels.items()
        return peer.namespace == self._namespace and ours and self._default_deny != "entries"

    def _list_ports(self, near: Peer, far: Peer, way: str) -> Ports:
        """Return the ports on which the services table allows two peers to connect.

        `near` counts as the entries with policies that select it, not as entries whose CIDR
        contains it.
        """
        found = []
        others = self._find_entries(far)
        for own in self._find_selecting(near):
            for other, port in self._neighbours[way].get(own, ()):
                if other in others:
                    found.append((port.first, port.last, port.transport))
        return found

    def _list_entries(self, peer: Peer) -> frozenset[str]:
        return frozenset(name for name, entry in self._table.items() if peer.is_of(entry))

    def _list_selecting(self, peer: Peer) -> list[str]:
        return [
            name
            for name, each in self._table.items()
            if each.policies and each.selects(peer.labels, peer.namespace)
        ]

    def _list_neighbours(self, way: str) -> dict[str, list[tuple[str, Port]]]:
        """Return the other ends and the ports of each entry's connections in one direction."""
        found: dict[str, list[tuple[str, Port]]] = {}
        for server, entry in self._table.items():
            for port in entry.ports:
                for client in port.clients:
                    own, other = (client, server) if way == EGRESS else (server, client)
                    found.setdefault(own, []).append((other, port))
        return found


def _list_ports(
    entries: Iterable[Entry], clients: Sequence[str] | None = None
) -> Iterator[tuple[int, str]]:
    for entry in entries:
        for port in entry.ports:
            if clients is None or not port.clients.keys().isdisjoint(clients):
                around = {port.first, port.last}
                if port.first < port.last:
                    around |= {port.first - 1, port.last + 1}
                yield from ((number, port.transport) for number in around)
