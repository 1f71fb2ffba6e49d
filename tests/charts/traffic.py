"""Which connections are tried between the pods of a render, and which the table says are open.

It knows nothing of rendered policies: oracles read those, `wanted` only the table.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from carbon.mesh.table import NAMESPACE, Entry, Table

PART_OF = {"app.kubernetes.io/part-of": "254carbon"}
UNLISTED = (4242, "TCP")
"""A port that nothing in the table has."""


@dataclass(frozen=True)
class Peer:
    """One end of a connection: a pod, or an address outside the cluster (no namespace)."""

    name: str
    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_of(self, entry: Entry) -> bool:
        """Whether an entry of the table stands for it."""
        address = ipaddress.ip_address(self.address)
        return entry.selects(self.labels, self.namespace) or any(
            address in ipaddress.ip_network(cidr) for cidr in entry.cidrs
        )


@dataclass(frozen=True)
class Try:
    """One connection that is tried."""

    source: Peer
    target: Peer
    port: int
    transport: str

    def __str__(self) -> str:
        return f"{self.source.name} -> {self.target.name} {self.port}/{self.transport}"


def peers(table: Table, workloads: Mapping[str, Mapping[str, str]]) -> list[Peer]:
    """Both ends of all connections: rendered pods (workload -> labels), what else the table names,
    and strangers: in the namespace, with the platform's label or without it, and from outside."""
    ends: list[tuple[str, str, Mapping[str, str]]] = [
        (name, NAMESPACE, labels) for name, labels in workloads.items()
    ]
    for entry in table.values():
        drawn = any(entry.selects(labels, NAMESPACE) for labels in workloads.values())
        if entry.selector is not None and not drawn:
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
    return [*pods, Peer("the world", "203.0.113.7")]


def tries(table: Table, ends: Sequence[Peer]) -> Iterator[Try]:
    """Each pair of ends, on the ports of the target, on those that the source uses elsewhere, just
    beside ranges, and on one that nobody has."""
    for source in ends:
        mine = [e.name for e in table.values() if source.is_of(e)]
        used = set(_ports(table.values(), mine))
        for target in ends:
            if source is target and not mine:
                continue
            own = set(_ports([e for e in table.values() if target.is_of(e)]))
            for port, transport in sorted(own | used | {UNLISTED}):
                yield Try(source, target, port, transport)


def wanted(table: Table, one: Try, whole_namespace: bool) -> bool:
    """Whether the table opens a connection: each end that is isolated must allow it."""

    def isolated(peer: Peer) -> bool:
        if any(e.policies and e.selects(peer.labels, peer.namespace) for e in table.values()):
            return True
        ours = whole_namespace or PART_OF.items() <= peer.labels.items()
        return peer.namespace == NAMESPACE and ours

    def listed(sender: bool) -> bool:
        # An end with an entry of its own is judged by that, whatever addresses include it.
        near, far = (one.source, one.target) if sender else (one.target, one.source)
        for server in table.values():
            for port in server.ports:
                fits = port.transport == one.transport and port.first <= one.port <= port.last
                for client in (table[name] for name in port.clients) if fits else ():
                    own, other = (client, server) if sender else (server, client)
                    if own.selects(near.labels, near.namespace) and far.is_of(other):
                        return True
        return False

    return (not isolated(one.source) or listed(True)) and (
        not isolated(one.target) or listed(False)
    )


def _ports(
    entries: Iterable[Entry], clients: Sequence[str] | None = None
) -> Iterator[tuple[int, str]]:
    for entry in entries:
        for port in entry.ports:
            if clients is None or not port.clients.keys().isdisjoint(clients):
                around = {port.first, port.last}
                if port.first < port.last:
                    around |= {port.first - 1, port.last + 1}
                yield from ((number, port.transport) for number in around)
