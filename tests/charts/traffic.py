"""Connections to try between rendered pods, and whether the services table allows each.

This module does not read rendered policies: `is_allowed` reads only the services table, so that
tests can compare it with oracles that read only the policies.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from carbon.mesh.table import NAMESPACE, Entry, Table

PART_OF = {"app.kubernetes.io/part-of": "254carbon"}
UNLISTED = (4242, "TCP")
"""A port that no entry of the services table has."""


@dataclass(frozen=True)
class Peer:
    """A pod, or an address outside the cluster (without a namespace)."""

    name: str
    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_of(self, entry: Entry) -> bool:
        """Return whether the given entry of the services table selects the peer."""
        address = ipaddress.ip_address(self.address)
        return entry.selects(self.labels, self.namespace) or any(
            address in ipaddress.ip_network(cidr) for cidr in entry.cidrs
        )


@dataclass(frozen=True)
class Attempt:
    """A connection that a test tries."""

    source: Peer
    target: Peer
    port: int
    transport: str

    def __str__(self) -> str:
        return f"{self.source.name} -> {self.target.name} {self.port}/{self.transport}"


def list_peers(table: Table, workloads: Mapping[str, Mapping[str, str]]) -> list[Peer]:
    """Return the peers of all connections to try.

    These are the rendered pods (`workloads` is workload -> labels), the entries of the services
    table that no rendered pod matches, copies of both in another namespace, pods of no entry with
    and without the platform's label, and an address outside the cluster.
    """
    ends: list[tuple[str, str, Mapping[str, str]]] = [
        (name, NAMESPACE, labels) for name, labels in workloads.items()
    ]
    for entry in table.values():
        rendered = any(entry.selects(labels, NAMESPACE) for labels in workloads.values())
        if entry.selector is not None and not rendered:
            ours = PART_OF if entry.namespace == NAMESPACE else {}
            ends.append((entry.name, entry.namespace, ours | dict(entry.selector)))
            if entry.namespace == NAMESPACE:
                ends.append((f"{entry.name} elsewhere", "elsewhere", ours | dict(entry.selector)))
    ends += [(f"{name} elsewhere", "elsewhere", labels) for name, labels in workloads.items()]
    ends += [
        ("stranger", NAMESPACE, PART_OF | {"app": "stranger"}),
        ("neighbour", NAMESPACE, {"app": "neighbour"}),
    ]
    pods = [Peer(n, f"10.1.{i // 250}.{i % 250 + 1}", ns, lb) for i, (n, ns, lb) in enumerate(ends)]
    return [*pods, Peer("internet", "203.0.113.7")]


def list_attempts(table: Table, peers: Sequence[Peer]) -> Iterator[Attempt]:
    """Yield connections between each pair of peers.

    The ports are the target's own, the ports that the source uses on other targets, the neighbours
    of port ranges, and a port that the services table does not list.
    """
    for source in peers:
        mine = [e.name for e in table.values() if source.is_of(e)]
        used = set(_list_ports(table.values(), mine))
        for target in peers:
            if source is target and not mine:
                continue
            own = set(_list_ports([e for e in table.values() if target.is_of(e)]))
            for port, transport in sorted(own | used | {UNLISTED}):
                yield Attempt(source, target, port, transport)


def is_allowed(table: Table, one: Attempt, whole_namespace: bool) -> bool:
    """Return whether the services table allows a connection: each isolated peer must allow it.

    With `whole_namespace`, all pods of the platform's namespace are isolated, otherwise only pods
    with the platform's label.
    """

    def is_isolated(peer: Peer) -> bool:
        if any(e.policies and e.selects(peer.labels, peer.namespace) for e in table.values()):
            return True
        ours = whole_namespace or PART_OF.items() <= peer.labels.items()
        return peer.namespace == NAMESPACE and ours

    def is_listed(sender: bool) -> bool:
        # A peer that an entry of the services table selects counts as that entry only, even if a
        # CIDR contains the peer.
        near, far = (one.source, one.target) if sender else (one.target, one.source)
        for server in table.values():
            for port in server.ports:
                fits = port.transport == one.transport and port.first <= one.port <= port.last
                for client in (table[name] for name in port.clients) if fits else ():
                    own, other = (client, server) if sender else (server, client)
                    if own.selects(near.labels, near.namespace) and far.is_of(other):
                        return True
        return False

    return (not is_isolated(one.source) or is_listed(True)) and (
        not is_isolated(one.target) or is_listed(False)
    )


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
