"""Which connections NetworkPolicies leave open, by the rules of their API and nothing else.

It is an oracle: it knows neither the chart nor the table, and refuses what it does not understand.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from tests.charts.traffic import Peer, Try

from carbon.charts.render import Object

EGRESS = ("egress", "Egress", "to")
INGRESS = ("ingress", "Ingress", "from")


def evaluated(policies: Sequence[Object], every: Sequence[Try]) -> list[bool]:
    """Whether each connection is open: both of its ends must let it pass."""

    @cache
    def isolating(pod: Peer, kind: str) -> list[Object]:
        return [policy for policy in policies if _isolates(policy, pod, kind)]

    def passes(one: Try) -> bool:
        for near, far, (way, kind, side) in (
            (one.source, one.target, EGRESS),
            (one.target, one.source, INGRESS),
        ):
            own = isolating(near, kind)
            if own and not any(_allows(rule, side, one, far, p) for p, rule in _rules(own, way)):
                return False
        return True

    return [passes(one) for one in every]


def _isolates(policy: Object, pod: Peer, kind: str) -> bool:
    same = policy["metadata"]["namespace"] == pod.namespace
    chosen = same and _selects(policy["spec"]["podSelector"], pod.labels)
    return chosen and kind in policy["spec"]["policyTypes"]


def _rules(policies: Sequence[Object], way: str) -> Iterator[tuple[Object, Object]]:
    return ((policy, rule) for policy in policies for rule in policy["spec"].get(way, []))


def _allows(rule: Object, side: str, one: Try, far: Peer, policy: Object) -> bool:
    ports, peers = rule.get("ports"), rule.get(side)
    return (not ports or any(_port(port, one) for port in ports)) and (
        not peers or any(_peer(peer, far, policy["metadata"]["namespace"]) for peer in peers)
    )


def _port(port: Object, one: Try) -> bool:
    first = int(port["port"])
    within = first <= one.port <= int(port.get("endPort", first))
    return within and port.get("protocol", "TCP") == one.transport


def _peer(peer: Object, far: Peer, namespace: str) -> bool:
    assert peer.keys() <= {"ipBlock", "namespaceSelector", "podSelector"}, peer
    if "ipBlock" in peer:
        assert peer["ipBlock"].keys() == {"cidr"}, peer
        network = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        return ipaddress.ip_address(far.address) in network
    if not far.namespace:
        return False
    if "namespaceSelector" in peer:
        labels = {"kubernetes.io/metadata.name": far.namespace}
        near_enough = _selects(peer["namespaceSelector"], labels)
    else:
        near_enough = far.namespace == namespace
    return near_enough and _selects(peer.get("podSelector", {}), far.labels)


def _selects(selector: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()
