"""What changes for the workloads of a cluster from one set of policies to another."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from carbon.impact.state import Connection, State
from carbon.impact.workloads import Workload
from carbon.mesh.table import Entry, Table, list_ports

Used = Collection[tuple[str, str, int]]
"""Connections in use: names of the client's and the server's workload, and the port."""
Addresses = Mapping[tuple[str, str], str]
"""The address of each Service, by its namespace and name."""


@dataclass(frozen=True)
class Selection:
    """A workload, and the policies that select it after a change and did not before."""

    workload: Workload
    policies: tuple[str, ...]
    isolated: tuple[str, ...]
    """Directions that NetworkPolicies restrict now and did not before: egress, ingress."""


@dataclass(frozen=True)
class Change:
    """A connection that a change opens or closes."""

    connection: Connection
    policies: tuple[str, ...]
    """The policies that close it: after the change if it is lost, before if it is new."""
    used: bool
    """True if the recorded connections name it."""


@dataclass(frozen=True)
class Difference:
    """A key of an entry of the services table that the cluster contradicts."""

    entry: str
    key: str
    """`serviceAccount`; `mesh`, whether the pods have Istio's proxy; `cidrs`."""
    stated: str
    found: tuple[str, ...]
    """What the pods have, or the addresses of the Services."""


@dataclass(frozen=True)
class Impact:
    """What a change of policies does to the workloads of a cluster."""

    selected: Sequence[Selection]
    lost: Sequence[Change]
    """Connections between pods that run, and to and from addresses, that are closed afterwards."""
    allowed: Sequence[Change]
    missing: Sequence[Change]
    """Connections of the services table that stay closed, because of policies of others."""
    unmatched: Sequence[str]
    """Entries of the services table whose labels select no pod."""
    different: Sequence[Difference] = ()
    """Entries of the services table that state another account, proxy or address than theirs."""


def compare(
    workloads: Sequence[Workload],
    connections: Sequence[Connection],
    before: State,
    after: State,
    table: Table,
    used: Used = (),
    addresses: Addresses | None = None,
) -> Impact:
    """Return what a change from one state to another does.

    Args:
        workloads: the workloads of the cluster.
        connections: the connections to compare.
        before: the state before the change.
        after: the state after it.
        table: the services table after the change.
        used: connections in use.
        addresses: the addresses of the cluster's Services.
    """
    selected = []
    for workload in workloads:
        known = before.list_selecting(workload)
        added = tuple(each for each in after.list_selecting(workload) if each not in known)
        if added:
            were = before.list_isolated(workload)
            ways = tuple(way for way in after.list_isolated(workload) if way not in were)
            selected.append(Selection(workload, added, ways))
    lost: list[Change] = []
    allowed: list[Change] = []
    for one in connections:
        if not (one.source.runs and one.target.runs):
            continue
        was, now = before.find_refusals(one), after.find_refusals(one)
        if bool(was) != bool(now):
            is_used = (one.source.name, one.target.name, one.port) in used
            change = Change(one, tuple(now or was), is_used)
            (lost if now else allowed).append(change)
    missing = []
    for one in _list_needed(workloads, table):
        if refusals := after.find_refusals(one):
            missing.append(Change(one, tuple(refusals), False))
    unmatched = [
        name
        for name, entry in table.items()
        if entry.selector is not None and not _find(entry, workloads)
    ]
    different = [*_list_differences(workloads, table), *_list_addresses(addresses or {}, table)]
    return Impact(selected, lost, allowed, missing, unmatched, different)


def _find(entry: Entry, workloads: Sequence[Workload]) -> list[Workload]:
    """Return the workloads that an entry of the services table selects."""
    return [each for each in workloads if entry.selects(each.peer.labels, each.namespace)]


def _list_differences(workloads: Sequence[Workload], table: Table) -> Iterator[Difference]:
    """Yield the differences between the entries of the services table and the pods they select."""
    has_mesh = any(entry.mesh for entry in table.values())
    for name, entry in table.items():
        found = _find(entry, workloads)
        facts = {"serviceAccount": (entry.account, {each.account for each in found})}
        if has_mesh:
            proxies = {str(each.mesh).lower() for each in found}
            facts["mesh"] = (str(entry.mesh).lower(), proxies)
        for key, (stated, real) in facts.items():
            if stated and real and stated not in real:
                yield Difference(name, key, stated, tuple(sorted(real)))


def _list_addresses(addresses: Addresses, table: Table) -> Iterator[Difference]:
    """Yield the entries without pods whose `cidrs` lack the address of one of their Services."""
    for name, entry in table.items():
        blocks = [ip_network(each) for each in entry.cidrs if entry.selector is None]
        keys = [(entry.namespace, each) for each in entry.services if blocks]
        found = [addresses[key] for key in keys if key in addresses]
        beside = tuple(a for a in found if not any(ip_address(a) in each for each in blocks))
        if beside:
            yield Difference(name, "cidrs", ", ".join(entry.cidrs), beside)


def _list_needed(workloads: Sequence[Workload], table: Table) -> Iterator[Connection]:
    """Yield the connections of the services table between workloads of the cluster."""
    places = {name: _find(entry, workloads) for name, entry in table.items()}
    for entry, port in list_ports(table):
        for target in places[entry.name]:
            if (port.first, port.transport) not in target.ports:
                continue  # such as a worker of Ray, which has no dashboard
            for client in port.clients:
                for source in places.get(client, ()):
                    yield Connection(source, target, port.first, port.transport)
