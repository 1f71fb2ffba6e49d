"""The add-on network-policies enforces NetworkPolicies, and lets the kubelet's probes pass."""

import json
from collections.abc import Iterator

import pytest
from tests.live.add_ons import add_addons
from tests.live.mesh.peers import Peers, Pod, start_pods
from tests.live.support import JSON, Release, is_ready

from carbon.cluster import access
from carbon.platform.target import Target

NAMESPACE, OTHER = "policies", "policies-other"
PORTS = [(8000, "TCP"), (8001, "TCP"), (8002, "TCP"), (8053, "UDP")]
PODS = [
    Pod("server", NAMESPACE, {"app": "server"}, PORTS),
    Pod("friend", NAMESPACE, {"app": "friend"}, PORTS),
    Pod("stranger", NAMESPACE, {"app": "stranger"}, PORTS),
    Pod("foreigner", OTHER, {"app": "friend"}, PORTS),
    Pod("outsider", OTHER, {}, PORTS),
]
SERVER: JSON = {"matchLabels": {"app": "server"}}
FRIENDS: JSON = {"podSelector": {"matchLabels": {"app": "friend"}}}
DENY: JSON = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.fixture(scope="module")
def peers(cluster: Target) -> Iterator[Peers]:
    with add_addons("network-policies"), start_pods(PODS) as peers:
        yield peers


def enforce(peers: Peers, *specs: JSON) -> None:
    """Replace all policies of NAMESPACE, and wait until they are enforced."""
    release = Release(NAMESPACE)
    release.kubectl("delete", "networkpolicies", "--all")
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    for number, spec in enumerate(specs):
        policy = kind | {"metadata": {"name": f"policy-{number}"}, "spec": spec}
        release.kubectl("create", "-f", "-", stdin=json.dumps(policy))
    peers.await_policies("outsider", "foreigner", 8000)


def list_clients(peers: Peers, port: int, transport: str = "TCP") -> set[str]:
    """Return the pods that `server` answers."""
    sources = [pod.name for pod in PODS if pod.name != "server"]
    return {name for name in sources if peers.reaches(name, "server", port, transport)}


EVERYONE = {"friend", "stranger", "foreigner", "outsider"}


def test_deny_all_closes_every_connection_but_the_probes_of_the_kubelet(peers: Peers) -> None:
    enforce(peers)
    assert list_clients(peers, 8000) == EVERYONE
    enforce(peers, DENY)
    assert list_clients(peers, 8000) == list_clients(peers, 8053, "UDP") == set()
    assert peers.ask_one("server", "outsider", 8000) == "ConnectionRefusedError"
    assert all(map(is_ready, Release(NAMESPACE).get("pods")))


@pytest.mark.parametrize(
    ("rule", "clients"),
    [
        ({"from": [FRIENDS]}, {"friend"}),
        ({"from": [FRIENDS | {"namespaceSelector": {}}]}, {"friend", "foreigner"}),
        ({"from": [{"namespaceSelector": {}}]}, EVERYONE),
        ({"from": [FRIENDS], "ports": [{"port": 8001, "protocol": "TCP"}]}, set()),
        ({"ports": [{"port": 7999, "endPort": 8000, "protocol": "TCP"}]}, EVERYONE),
        ({}, EVERYONE),
    ],
    ids=["labels", "namespaces", "all namespaces", "another port", "range of ports", "all"],
)
def test_an_ingress_rule_opens_the_connections_that_it_states(
    peers: Peers, rule: JSON, clients: set[str]
) -> None:
    spec = {"podSelector": SERVER, "policyTypes": ["Ingress"], "ingress": [rule]}
    enforce(peers, spec)
    assert list_clients(peers, 8000) == clients


def test_an_egress_rule_opens_the_connections_that_it_states(peers: Peers) -> None:
    to = {"to": [FRIENDS], "ports": [{"port": 8000}, {"port": 8053, "protocol": "UDP"}]}
    enforce(peers, {"podSelector": SERVER, "policyTypes": ["Egress"], "egress": [to]})
    assert peers.reaches("server", "friend", 8000)
    assert peers.reaches("server", "friend", 8053, "UDP")
    assert not peers.reaches("server", "friend", 8001)
    assert not peers.reaches("server", "foreigner", 8000)
    assert list_clients(peers, 8001) == EVERYONE


def test_an_address_block_is_open_except_for_its_exceptions(peers: Peers) -> None:
    excluded = [f"{peers.addresses['stranger']}/32"]
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": excluded}}
    enforce(peers, {"podSelector": SERVER, "ingress": [{"from": [block]}]})
    assert list_clients(peers, 8000) == EVERYONE - {"stranger"}


def test_dns_is_closed_until_a_rule_opens_the_address_of_the_node(peers: Peers) -> None:
    state = access.read_state()
    assert state
    block = {"ipBlock": {"cidr": f"{state.addresses.node}/32"}}
    dns = {"to": [block], "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}
    resolve = "import socket; print(socket.gethostbyname('kubernetes.default.svc.cluster.local'))"
    command = ["exec", "server", "--", "sh", "-c", f'python3 -c "{resolve}" 2>&1 || true']
    release = Release(NAMESPACE)
    enforce(peers, DENY)
    assert "socket.gaierror" in release.kubectl(*command)
    enforce(peers, DENY, {"podSelector": SERVER, "policyTypes": ["Egress"], "egress": [dns]})
    assert release.kubectl(*command).strip().startswith("10.96.")
