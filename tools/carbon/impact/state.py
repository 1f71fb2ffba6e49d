"""Which connections between workloads are open under a set of policies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from carbon.charts.render import Object, identity
from carbon.check.services.attempts import Attempt
from carbon.check.services.reachability import SIDES, Reachability
from carbon.impact.cluster import NETWORK
from carbon.impact.istio import MeshPolicies
from carbon.impact.workloads import OUTSIDE, Workload


@dataclass(frozen=True)
class Connection:
    """A connection from one workload to a port of another."""

    source: Workload
    target: Workload
    port: int
    transport: str
    """TCP or UDP."""


class State:
    """The connections of a cluster under NetworkPolicies and policies of Istio.

    Raises:
        ValueError: a NetworkPolicy has a field that the evaluation does not know.
    """

    def __init__(self, policies: Sequence[Object]) -> None:
        self._network = Reachability([each for each in policies if each["kind"] == NETWORK])
        self._mesh = MeshPolicies(policies)
        self.list_selecting = cache(self._list_selecting)

    def find_refusals(self, one: Connection) -> list[str]:
        """Return the objects that close a connection; empty if it is open."""
        attempt = Attempt(one.source.peer, one.target.peer, one.port, one.transport)
        found: dict[str, None] = {}
        for way in SIDES:
            if not self._network.allows(attempt, way):
                near = attempt.source if way == "egress" else attempt.target
                policies = self._network.list_isolating(near, way)
                found |= dict.fromkeys(f"{identity(policy)} ({way})" for policy in policies)
        if one.transport == "TCP":
            found |= dict.fromkeys(self._mesh.find_refusals(one.source, one.target, one.port))
        return list(found)

    def list_isolated(self, workload: Workload) -> list[str]:
        """Return the directions in which NetworkPolicies restrict the pods of a workload."""
        return [way for way in SIDES if self._network.list_isolating(workload.peer, way)]

    def _list_selecting(self, workload: Workload) -> list[str]:
        """Return the policies that select the pods of a workload."""
        ways: dict[str, list[str]] = {}
        for way in SIDES:
            for policy in self._network.list_isolating(workload.peer, way):
                ways.setdefault(identity(policy), []).append(way)
        both = len(SIDES)
        names = [n if len(w) == both else f"{n} ({w[0]})" for n, w in sorted(ways.items())]
        return [*names, *map(identity, self._mesh.list_selecting(workload))]


def list_connections(workloads: Sequence[Workload]) -> Iterator[Connection]:
    """Yield the possible connections: from each workload to each port of each other workload.

    Pods of one workload connect to each other, too. Addresses outside the cluster connect to
    Services that are published; pods connect to their port 443.
    """
    for target in workloads:
        for source in workloads:
            within = source.namespace and (target.namespace or target.ports)
            from_outside = source.peer.name == OUTSIDE and target.public
            if within or from_outside:
                for number, transport in sorted(target.ports):
                    yield Connection(source, target, number, transport)
