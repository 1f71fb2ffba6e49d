"""Evaluation of NetworkPolicies by the rules of their API: which connections are open.

The evaluation is an oracle: it uses neither the chart nor the services table, and fails on fields
that it does not know.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from tests.charts.traffic import Attempt, Peer

from carbon.charts.render import Object

EGRESS = ("egress", "Egress", "to")
INGRESS = ("ingress", "Ingress", "from")


def evaluate(policies: Sequence[Object], attempts: Sequence[Attempt]) -> list[bool]:
    """Return whether each connection is open: the policies of both peers must allow it."""

    @cache
    def list_isolating(pod: Peer, kind: str) -> list[Object]:
        return [policy for policy in policies if _isolates(policy, pod, kind)]

    def is_open(one: Attempt) -> bool:
        for near, far, (field, kind, side) in (
            (one.source, one.target, EGRESS),
            (one.target, one.source, INGRESS),
        ):
            own = list_isolating(near, kind)
            rules = _list_rules(own, field)
            if own and not any(_allows(rule, side, one, far, p) for p, rule in rules):
                return False
        return True

    return [is_open(one) for one in attempts]


def _isolates(policy: Object, pod: Peer, kind: str) -> bool:
    same = policy["metadata"]["namespace"] == pod.namespace
    selected = same and _selects(policy["spec"]["podSelector"], pod.labels)
    return selected and kind in policy["spec"]["policyTypes"]


def _list_rules(policies: Sequence[Object], field: str) -> Iterator[tuple[Object, Object]]:
    return ((policy, rule) for policy in policies for rule in policy["spec"].get(field, []))


def _allows(rule: Object, side: str, one: Attempt, far: Peer, policy: Object) -> bool:
    ports, peers = rule.get("ports"), rule.get(side)
    return (not ports or any(_matches_port(port, one) for port in ports)) and (
        not peers
        or any(_matches_peer(peer, far, policy["metadata"]["namespace"]) for peer in peers)
    )


def _matches_port(port: Object, one: Attempt) -> bool:
    first = int(port["port"])
    within = first <= one.port <= int(port.get("endPort", first))
    return within and port.get("protocol", "TCP") == one.transport


def _matches_peer(peer: Object, far: Peer, namespace: str) -> bool:
    assert peer.keys() <= {"ipBlock", "namespaceSelector", "podSelector"}, peer
    if "ipBlock" in peer:
        assert peer["ipBlock"].keys() == {"cidr"}, peer
        network = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        return ipaddress.ip_address(far.address) in network
    if not far.namespace:
        return False
    if "namespaceSelector" in peer:
        labels = {"kubernetes.io/metadata.name": far.namespace}
        in_namespace = _selects(peer["namespaceSelector"], labels)
    else:
        in_namespace = far.namespace == namespace
    return in_namespace and _selects(peer.get("podSelector", {}), far.labels)


def _selects(selector: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()
