"""Requests in a mesh, and whether the services table allows each. No rendered policy is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from carbon.check.services.attempts import EGRESS, INGRESS, Attempt, Rights
from carbon.check.services.attempts import Peer as End
from carbon.mesh.table import AGENT_PORTS, Entry, Port, Table


@dataclass(frozen=True, eq=False)
class Client:
    """A pod that sends requests."""

    end: End
    account: str
    mesh: bool
    """True if the pod has a sidecar."""


@dataclass(frozen=True, eq=False)
class Call:
    """One request to a port of an entry."""

    client: Client
    server: Entry
    target: End
    port: Port
    number: int
    method: str
    path: str

    def __str__(self) -> str:
        """Return the request as a message shows it."""
        what = f"{self.server.name} {self.number} {self.method} {self.path}"
        return f"{self.client.end.name} -> {what}"


def list_operations(port: Port) -> list[tuple[str, str]]:
    """Return methods and paths: those that a subset of the port's API has, and others."""
    method = "POST" if port.protocol == "grpc" else "GET"
    if not port.access:
        return [(method, "/")]
    operations = [each for subset in port.access.values() for each in subset]
    methods = {method, *(m for each in operations for m in each.get("methods", ()))}
    patterns = {"/other", *(path for each in operations for path in each.get("paths", ()))}
    paths = {f"/any{p[1:]}" if p[0] == "*" else p.replace("*", "any") for p in patterns}
    return sorted(product(methods, paths))


def list_calls(client: Client, server: Entry, target: End) -> Iterator[Call]:
    """Yield the requests of a client to each port of an entry; of a range, to its ends."""
    for port in server.ports:
        if port not in AGENT_PORTS:
            for number in sorted({port.first, port.last}):
                for method, path in list_operations(port):
                    yield Call(client, server, target, port, number, method, path)


def allows(table: Table, rights: Rights, call: Call) -> bool:
    """Return whether the services table allows a request.

    The pods' labels decide on the connection. In the mesh the identity, that is the ServiceAccount
    of a pod, decides on the request. Pods outside the mesh have none.
    """
    client, port = call.client, call.port
    attempt = Attempt(client.end, call.target, call.number, port.transport)
    if not all(rights.allows(attempt, way) for way in (EGRESS, INGRESS)):
        return False
    if not call.server.mesh:
        return True
    if not client.mesh and port.mtls == "strict":
        return False
    return not call.server.authorization or any(
        _is_identity(table[name], client) and _is_in(port.access.get(access), call)
        for name, access in port.clients.items()
    )


def _is_identity(entry: Entry, client: Client) -> bool:
    own = (client.end.namespace, client.account)
    return (
        (entry.namespace, entry.account) == own
        if client.mesh and entry.mesh
        else not (client.mesh or entry.mesh)
    )


def _is_in(subset: list[Mapping[str, Any]] | None, call: Call) -> bool:
    return subset is None or any(
        call.method in each.get("methods", [call.method])
        and any(_fits(pattern, call.path) for pattern in each.get("paths", ["*"]))
        for each in subset
    )


def _fits(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path.endswith(pattern[1:]) if pattern.startswith("*") else path == pattern
