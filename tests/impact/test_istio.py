"""Istio's policies close the connections that Istio's documentation states."""

import pytest

from carbon.charts.render import Object
from carbon.check.services.attempts import Peer
from carbon.impact.istio import MeshPolicies
from carbon.impact.workloads import Workload


def make_workload(name: str, *, mesh: bool, space: str = "shop") -> Workload:
    peer = Peer(name, "10.0.0.1", space, {"app": name})
    return Workload(name, space, peer, (name,), name, mesh, services=(name,))


CLIENT, SERVER = make_workload("client", mesh=True), make_workload("server", mesh=True)
OUTSIDE = make_workload("gateway", mesh=False, space="edge")


def make_policy(kind: str, name: str, spec: Object, space: str = "shop", time: str = "") -> Object:
    metadata = {"name": name, "namespace": space} | ({"creationTimestamp": time} if time else {})
    return {"kind": kind, "metadata": metadata, "spec": spec}


def select(app: str) -> Object:
    return {"selector": {"matchLabels": {"app": app}}}


def peer_authentication(name: str, mode: str, **more: object) -> Object:
    return make_policy(
        "PeerAuthentication", name, {**select("server"), "mtls": {"mode": mode}, **more}
    )


STRICT = peer_authentication("strict", "STRICT")
MESH_WIDE = make_policy("PeerAuthentication", "all", {"mtls": {"mode": "STRICT"}}, "istio-system")
METRICS = {"portLevelMtls": {"80": {"mode": "PERMISSIVE"}}}
OLDER = peer_authentication("older", "DISABLE") | {
    "metadata": {"name": "older", "namespace": "shop", "creationTimestamp": "2025-01-01T00:00:00Z"}
}


def allow(**source: object) -> Object:
    rule = {"from": [{"source": source}], "to": [{"operation": {"ports": ["80"]}}]}
    return make_policy("AuthorizationPolicy", "allow", select("server") | {"rules": [rule]})


def deny(**operation: object) -> Object:
    spec = select("server") | {"action": "DENY", "rules": [{"to": [{"operation": operation}]}]}
    return make_policy("AuthorizationPolicy", "deny", spec)


def sidecar(*hosts: str) -> Object:
    spec = {"workloadSelector": {"labels": {"app": "client"}}, "egress": [{"hosts": [*hosts]}]}
    return make_policy("Sidecar", "hosts", spec)


ALLOW = allow(principals=["cluster.local/ns/shop/sa/client"])


@pytest.mark.parametrize(
    ("policies", "source", "expected"),
    [
        ([], OUTSIDE, []),
        ([STRICT], CLIENT, []),
        ([STRICT], OUTSIDE, ["PeerAuthentication/strict"]),
        ([MESH_WIDE], OUTSIDE, ["PeerAuthentication/all"]),
        ([peer_authentication("own", "STRICT", **METRICS)], OUTSIDE, []),
        ([MESH_WIDE, peer_authentication("own", "PERMISSIVE")], OUTSIDE, []),
        ([STRICT, OLDER], OUTSIDE, []),
        ([ALLOW], CLIENT, []),
        ([ALLOW], OUTSIDE, ["AuthorizationPolicy/allow"]),
        ([ALLOW, OLDER], CLIENT, ["AuthorizationPolicy/allow", "PeerAuthentication/older"]),
        ([allow(namespaces=["shop"])], CLIENT, []),
        ([allow(notPrincipals=["*"])], CLIENT, ["AuthorizationPolicy/allow"]),
        ([allow(notPrincipals=["*"])], OUTSIDE, []),
        ([deny(ports=["80"])], CLIENT, ["AuthorizationPolicy/deny"]),
        ([deny(ports=["80"], methods=["POST"])], CLIENT, []),
        ([sidecar("./server.shop.svc.cluster.local")], CLIENT, []),
        ([sidecar("shop/*")], CLIENT, []),
        ([sidecar("./other.shop.svc.cluster.local")], CLIENT, ["Sidecar/hosts of the client"]),
        ([sidecar("~/*")], OUTSIDE, []),
    ],
)
def test_a_connection_is_open_or_closed_by(
    policies: list[Object], source: Workload, expected: list[str]
) -> None:
    assert MeshPolicies(policies).find_refusals(source, SERVER, 80) == expected


def test_no_policy_restricts_the_ports_of_istios_agent() -> None:
    assert MeshPolicies([STRICT, ALLOW]).find_refusals(OUTSIDE, SERVER, 15090) == []
