"""The oracle evaluates NetworkPolicies of other teams, which use more fields than the charts."""

import pytest

from carbon.charts.render import Object
from carbon.check.services.attempts import Attempt, Peer
from carbon.check.services.reachability import evaluate

CLIENT = Peer("client", "10.0.0.1", "edge", {"app": "client"}, namespace_labels={"team": "web"})
SERVER = Peer("server", "10.0.0.2", "shop", {"app": "server"}, ports={"http": 8080})
ATTEMPT = Attempt(CLIENT, SERVER, 8080, "TCP")


def match(key: str, operator: str, *values: str) -> Object:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": [*values]}]}


def make_policy(peer: Object, port: Object | None = None, selector: Object | None = None) -> Object:
    rule = {"from": [peer]} | ({"ports": [port]} if port else {})
    metadata = {"name": "allow", "namespace": "shop"}
    return {"metadata": metadata, "spec": {"podSelector": selector or {}, "ingress": [rule]}}


ALL: Object = {"namespaceSelector": {}}


@pytest.mark.parametrize(
    ("policy", "is_open"),
    [
        (make_policy(ALL), True),
        (make_policy({"podSelector": {}}), False),
        (make_policy({"podSelector": {}}, selector=match("app", "NotIn", "server")), True),
        (make_policy({"namespaceSelector": match("team", "In", "web")}), True),
        (make_policy({"namespaceSelector": match("team", "DoesNotExist")}), False),
        (make_policy(ALL | {"podSelector": match("app", "Exists")}), True),
        (make_policy(ALL, {"port": "http"}), True),
        (make_policy(ALL, {"port": "metrics"}), False),
        (make_policy(ALL, {"protocol": "TCP"}), True),
        (make_policy(ALL, {"protocol": "UDP", "port": 8080}), False),
        (make_policy({"ipBlock": {"cidr": "10.0.0.0/8"}}), True),
        (make_policy({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.1/32"]}}), False),
    ],
)
def test_a_policy_opens_a_connection(policy: Object, is_open: bool) -> None:
    assert evaluate([policy], [ATTEMPT]) == [is_open]


def test_without_policytypes_only_egress_rules_restrict_egress() -> None:
    policy = make_policy({"podSelector": {}})
    assert evaluate([policy], [Attempt(SERVER, CLIENT, 80, "TCP")]) == [True]
    policy["spec"]["egress"] = [{"to": [{"podSelector": {}}]}]
    assert evaluate([policy], [Attempt(SERVER, CLIENT, 80, "TCP")]) == [False]


def test_an_unknown_operator_is_an_error() -> None:
    with pytest.raises(ValueError, match="Gt"):
        evaluate([make_policy(ALL, selector=match("app", "Gt", "1"))], [ATTEMPT])
