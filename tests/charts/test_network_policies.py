"""The rendered NetworkPolicies open the table's connections and no others, in every profile.

Our own oracle computes it from the policies; the mesh tier has cyclonus compute it too.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import cache

import pytest
from tests.charts.cases import of_kind, profile, workload
from tests.charts.reachability import evaluated
from tests.charts.traffic import Try, peers, tries, wanted

from carbon.charts.render import Object, pod_templates, render_objects
from carbon.mesh.table import NAMESPACE, PROFILES, Table, load_globals, read_table


@cache
def table(name: str) -> Table:
    return read_table(load_globals(PROFILES[name]))


@cache
def attempts(name: str) -> list[Try]:
    things = render_objects(profile(name))
    labels = {workload(t): p["metadata"]["labels"] for t in things for p in pod_templates(t)}
    return list(tries(table(name), peers(table(name), labels)))


@cache
def expected(name: str) -> list[bool]:
    """Whether the table opens each attempt."""
    whole = name == "production"
    return [wanted(table(name), one, whole) for one in attempts(name)]


Oracle = Callable[[Sequence[Object], Sequence[Try]], list[bool]]


def differences(name: str, policies: list[Object], oracle: Oracle) -> list[str]:
    """Connections that are open and shouldn't be, or the other way round."""
    every = attempts(name)
    return [
        f"{one} is {'open' if open_ else 'shut'}"
        for one, open_, right in zip(every, oracle(policies, every), expected(name), strict=True)
        if open_ != right
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_exactly_the_tables_connections_are_open(name: str) -> None:
    assert differences(name, of_kind(profile(name), "NetworkPolicy"), evaluated) == []
    assert 0 < sum(expected(name)) < len(attempts(name)) / 2


@pytest.mark.parametrize("name", PROFILES)
def test_every_pod_is_isolated_both_ways(name: str) -> None:
    for policy in of_kind(profile(name), "NetworkPolicy"):
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"], policy["metadata"]["name"]


def _rules(policies: list[Object], name: str, way: str) -> list[Object]:
    spec = next(p["spec"] for p in policies if p["metadata"]["name"] == name)
    rules: list[Object] = spec.setdefault(way, [])
    return rules


def forget_a_client(policies: list[Object]) -> None:
    for rule in _rules(policies, "postgresql", "ingress"):
        rule["from"] = [
            peer for peer in rule["from"] if "mlflow-migration" not in str(peer["podSelector"])
        ]


def forget_its_end(policies: list[Object]) -> None:
    rules = _rules(policies, "mlflow", "egress")
    rules[:] = [rule for rule in rules if "postgresql" not in str(rule["to"])]


def forget_dns(policies: list[Object]) -> None:
    rules = _rules(policies, "mlflow-test", "egress")
    rules[:] = [rule for rule in rules if "kube-dns" not in str(rule["to"])]


def let_one_in(policies: list[Object]) -> None:
    _rules(policies, "redis", "ingress")[0]["from"].append({"podSelector": {}})


def open_a_port(policies: list[Object]) -> None:
    _rules(policies, "s3", "ingress")[0]["ports"].append({"port": 4242, "protocol": "TCP"})
    _rules(policies, "mlflow", "egress").append({"to": [{"podSelector": {}}]})


def widen_a_range(policies: list[Object]) -> None:
    for way in ("ingress", "egress"):
        for rule in _rules(policies, "ray-cluster", way):
            for port in rule["ports"]:
                if "endPort" in port:
                    port["endPort"] += 1


def trust_any_namespace(policies: list[Object]) -> None:
    for rule in _rules(policies, "mlflow", "ingress"):
        rule["from"].append(rule["from"][0] | {"namespaceSelector": {}})


def deny_nobody(policies: list[Object]) -> None:
    policies[:] = [p for p in policies if p["metadata"]["name"] != "default-deny"]


MUTATIONS: dict[Callable[[list[Object]], None], str] = {
    forget_a_client: "Job/mlflow-migration -> StatefulSet/postgresql 5432/TCP is shut",
    forget_its_end: "Deployment/mlflow -> StatefulSet/postgresql 5432/TCP is shut",
    forget_dns: "Pod/mlflow-test -> dns 53/UDP is shut",
    let_one_in: "neighbour -> StatefulSet/redis 6379/TCP is open",
    open_a_port: "Deployment/mlflow -> StatefulSet/s3 4242/TCP is open",
    widen_a_range: "Deployment/ray-cluster-cpu -> StatefulSet/ray-cluster-head 10034/TCP is open",
    trust_any_namespace: "elsewhere -> Deployment/mlflow 5000/TCP is open",
    deny_nobody: "stranger -> neighbour 4242/TCP is open",
}


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
def test_a_slip_in_a_policy_is_found(mutate: Callable[[list[Object]], None]) -> None:
    policies = deepcopy(of_kind(profile("quickstart"), "NetworkPolicy"))
    mutate(policies)
    found = differences("quickstart", policies, evaluated)
    assert [line for line in found if MUTATIONS[mutate] in line], found[:5]


def _named(things: list[Object]) -> Iterator[str]:
    return (thing["metadata"]["name"] for thing in things)


@pytest.mark.parametrize("name", PROFILES)
def test_policies_are_drawn_where_the_table_says(name: str) -> None:
    drawn = of_kind(profile(name), "NetworkPolicy")
    # The restore drill's namespace has one of its own, which lets nobody talk.
    drill = [p for p in drawn if p["metadata"]["namespace"] == "restore-drill"]
    nobody = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert all(policy["spec"] == nobody for policy in drill)
    rest = [policy for policy in drawn if policy not in drill]
    assert set(_named(rest)) - {"default-deny"} == {
        e.name for e in table(name).values() if e.policies
    }
    assert {policy["metadata"]["namespace"] for policy in rest} == {NAMESPACE}
