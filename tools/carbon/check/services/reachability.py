"""Evaluation of NetworkPolicies by the rules of their API: which connections are open.

The evaluation is an oracle: it uses neither the chart nor the services table.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import cache

from carbon.charts.render import Object
from carbon.check.services.attempts import EGRESS, INGRESS, Attempt, Peer

SIDES = {EGRESS: ("Egress", "to"), INGRESS: ("Ingress", "from")}


class Reachability:
    """The connections that NetworkPolicies allow.

    Raises:
        ValueError: a policy has a field that the evaluation does not know.
    """

    def __init__(self, policies: Sequence[Object]) -> None:
        self._policies = policies
        self.list_isolating = cache(self._list_isolating)
        self._list_ports = cache(self._find_ports)

    def allows(self, one: Attempt, way: str) -> bool:
        """Return whether the policies of one end, the source for egress, allow a connection."""
        near, far = (one.source, one.target) if way == EGRESS else (one.target, one.source)
        if not self.list_isolating(near, way):
            return True
        return any(
            ports is None or any(_matches_port(port, one) for port in ports)
            for ports in self._list_ports(near, far, way)
        )

    def _list_isolating(self, pod: Peer, way: str) -> list[Object]:
        """Return the policies that select a pod and restrict its traffic in one direction."""
        return [
            policy
            for policy in self._policies
            if policy["metadata"]["namespace"] == pod.namespace
            and SIDES[way][0] in policy["spec"]["policyTypes"]
            and _selects(policy["spec"]["podSelector"], pod.labels)
        ]

    def _find_ports(self, near: Peer, far: Peer, way: str) -> list[Sequence[Object] | None]:
        """Return the ports of each rule that matches the other end; None for all ports."""
        found: list[Sequence[Object] | None] = []
        for policy in self.list_isolating(near, way):
            namespace = policy["metadata"]["namespace"]
            for rule in policy["spec"].get(way) or []:
                peers = rule.get(SIDES[way][1])
                if not peers or any(_matches_peer(peer, far, namespace) for peer in peers):
                    found.append(rule.get("ports") or None)
        return found


def evaluate(policies: Sequence[Object], attempts: Sequence[Attempt]) -> list[bool]:
    """Return whether each connection is open: the policies of both peers must allow it."""
    reachability = Reachability(policies)
    return [all(reachability.allows(one, way) for way in SIDES) for one in attempts]


def _matches_port(port: Object, one: Attempt) -> bool:
    first = int(port["port"])
    within = first <= one.port <= int(port.get("endPort", first))
    return within and port.get("protocol", "TCP") == one.transport


def _matches_peer(peer: Object, far: Peer, namespace: str) -> bool:
    _require(peer, {"ipBlock", "namespaceSelector", "podSelector"})
    if "ipBlock" in peer:
        _require(peer["ipBlock"], {"cidr"})
        return _contains(peer["ipBlock"]["cidr"], far.address)
    if not far.namespace:
        return False
    if "namespaceSelector" in peer:
        labels = {"kubernetes.io/metadata.name": far.namespace}
        in_namespace = _selects(peer["namespaceSelector"], labels)
    else:
        in_namespace = far.namespace == namespace
    return in_namespace and _selects(peer.get("podSelector", {}), far.labels)


@cache
def _contains(cidr: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def _selects(selector: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]) -> bool:
    _require(selector, {"matchLabels"})
    return selector.get("matchLabels", {}).items() <= labels.items()


def _require(node: Mapping[str, object], known: set[str]) -> None:
    if unknown := node.keys() - known:
        raise ValueError(f"no evaluation of the field {', '.join(sorted(unknown))}")
