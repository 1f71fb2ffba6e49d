"""Evaluation of NetworkPolicies by the rules of their API: which connections are open.

The evaluation is an oracle: it uses neither the chart nor the services table.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from carbon.charts.render import Object
from carbon.check.services.attempts import EGRESS, INGRESS, Attempt, Peer

SIDES = {EGRESS: ("Egress", "to"), INGRESS: ("Ingress", "from")}
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes sets on every namespace; its value is the namespace's name."""


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
            and SIDES[way][0] in list_ways(policy)
            and selects(policy["spec"].get("podSelector") or {}, pod.labels)
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


def list_ways(policy: Object) -> Sequence[str]:
    """Return the directions that a policy restricts, as policyTypes states them, or by default."""
    spec = policy["spec"]
    default = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return spec.get("policyTypes") or default


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector matches labels; an empty selector matches all.

    Raises:
        ValueError: the selector has a field or an operator that the evaluation does not know.
    """
    _require(selector, {"matchLabels", "matchExpressions"})
    return (selector.get("matchLabels") or {}).items() <= labels.items() and all(
        _holds(each, labels) for each in selector.get("matchExpressions") or []
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or []
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    raise ValueError(f"no evaluation of the operator {expression['operator']}")


def _matches_port(port: Object, one: Attempt) -> bool:
    if port.get("protocol", "TCP") != one.transport:
        return False
    first = port.get("port")
    if first is None:
        return True
    number = one.target.ports.get(first, 0) if isinstance(first, str) else int(first)
    return number <= one.port <= int(port.get("endPort", number))


def _matches_peer(peer: Object, far: Peer, namespace: str) -> bool:
    _require(peer, {"ipBlock", "namespaceSelector", "podSelector"})
    if "ipBlock" in peer:
        _require(peer["ipBlock"], {"cidr", "except"})
        within = _contains(peer["ipBlock"]["cidr"], far.address)
        excluded = peer["ipBlock"].get("except") or []
        return within and not any(_contains(cidr, far.address) for cidr in excluded)
    if not far.namespace:
        return False
    if "namespaceSelector" in peer:
        labels = {**far.namespace_labels, NAMESPACE_NAME: far.namespace}
        in_namespace = selects(peer["namespaceSelector"] or {}, labels)
    else:
        in_namespace = far.namespace == namespace
    return in_namespace and selects(peer.get("podSelector") or {}, far.labels)


@cache
def _contains(cidr: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def _require(node: Mapping[str, object], known: set[str]) -> None:
    if unknown := node.keys() - known:
        raise ValueError(f"no evaluation of the field {', '.join(sorted(unknown))}")
