"""The oracle for NetworkPolicies finds policies that differ from the services table.

The oracle is carbon.check.services.reachability; the tier `mesh` uses the program cyclonus as a
second oracle.
"""

from collections.abc import Callable
from copy import deepcopy

import pytest
from tests.charts.cases import of_kind, profile
from tests.check.policies import attempts, compare, expected

from carbon.charts.render import Object
from carbon.check.services.reachability import evaluate
from carbon.mesh.table import PROFILES


@pytest.mark.parametrize("name", PROFILES)
def test_exactly_the_connections_of_the_services_table_are_open(name: str) -> None:
    assert compare(name, of_kind(profile(name), "NetworkPolicy"), evaluate) == []
    assert 0 < sum(expected(name)) < len(attempts(name)) / 2


def _find_rules(policies: list[Object], name: str, way: str) -> list[Object]:
    """Return the ingress or egress rules of the policy `name`; a mutation may change the list."""
    spec = next(p["spec"] for p in policies if p["metadata"]["name"] == name)
    rules: list[Object] = spec.setdefault(way, [])
    return rules


def remove_a_client(policies: list[Object]) -> None:
    for rule in _find_rules(policies, "postgresql", "ingress"):
        rule["from"] = [
            peer for peer in rule["from"] if "mlflow-migration" not in str(peer["podSelector"])
        ]


def remove_the_egress_of_a_client(policies: list[Object]) -> None:
    rules = _find_rules(policies, "mlflow", "egress")
    rules[:] = [rule for rule in rules if "postgresql" not in str(rule["to"])]


def remove_dns(policies: list[Object]) -> None:
    rules = _find_rules(policies, "mlflow-test", "egress")
    rules[:] = [rule for rule in rules if "kube-dns" not in str(rule["to"])]


def allow_every_pod_of_the_namespace(policies: list[Object]) -> None:
    _find_rules(policies, "redis", "ingress")[0]["from"].append({"podSelector": {}})


def open_a_port(policies: list[Object]) -> None:
    _find_rules(policies, "s3", "ingress")[0]["ports"].append({"port": 4242, "protocol": "TCP"})
    _find_rules(policies, "mlflow", "egress").append({"to": [{"podSelector": {}}]})


def widen_a_port_range(policies: list[Object]) -> None:
    for way in ("ingress", "egress"):
        for rule in _find_rules(policies, "ray-cluster", way):
            for port in rule["ports"]:
                if "endPort" in port:
                    port["endPort"] += 1


def allow_every_namespace(policies: list[Object]) -> None:
    for rule in _find_rules(policies, "mlflow", "ingress"):
        rule["from"].append(rule["from"][0] | {"namespaceSelector": {}})


def remove_default_deny(policies: list[Object]) -> None:
    policies[:] = [p for p in policies if p["metadata"]["name"] != "default-deny"]


MUTATIONS: dict[Callable[[list[Object]], None], str] = {
    remove_a_client: "Job/mlflow-migration -> StatefulSet/postgresql 5432/TCP is closed",
    remove_the_egress_of_a_client: "Deployment/mlflow -> StatefulSet/postgresql 5432/TCP is closed",
    remove_dns: "Pod/mlflow-test -> dns 53/UDP is closed",
    allow_every_pod_of_the_namespace: "another project -> StatefulSet/redis 6379/TCP is open",
    open_a_port: "Deployment/mlflow -> StatefulSet/s3 4242/TCP is open",
    widen_a_port_range: "ray-cluster-cpu -> StatefulSet/ray-cluster-head 10034/TCP is open",
    allow_every_namespace: "in another namespace -> Deployment/mlflow 5000/TCP is open",
    remove_default_deny: "another project 4242/TCP is open",
}


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
def test_the_oracle_finds_a_wrong_policy(mutate: Callable[[list[Object]], None]) -> None:
    policies = deepcopy(of_kind(profile("quickstart"), "NetworkPolicy"))
    mutate(policies)
    found = compare("quickstart", policies, evaluate)
    assert [line for line in found if MUTATIONS[mutate] in line], found[:5]
