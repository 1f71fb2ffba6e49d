"""Roles of people: each holds the one before it, and none holds what would make it more."""

from itertools import pairwise

from carbon.charts import roles
from carbon.charts.roles import ROLES, drawn, grants, verbs


def test_each_role_may_do_more_than_the_one_before() -> None:
    granted = drawn()
    for less, more in pairwise(ROLES):
        assert granted[less] < granted[more], more


def test_nobody_reads_secrets_before_the_operator() -> None:
    granted = drawn()
    who = [n for n in ROLES if any(resource == "secrets" for _, resource, _ in granted[n])]
    assert who == ["operator"]


def test_no_role_can_be_made_larger_by_who_has_it() -> None:
    for name, own in drawn().items():
        assert not [g for g in own if "*" in g], name
        writes = {(g, r) for g, r, verb in own if verb not in roles.READ}
        assert not {r for g, r in writes if g == "rbac.authorization.k8s.io"}, name
        assert not {verb for _, _, verb in own} & {"impersonate", "bind", "escalate"}, name
        assert ("", "serviceaccounts/token") not in writes, name


def test_a_rule_is_every_pair_of_its_resources_and_verbs() -> None:
    rule = {"apiGroups": ["", "apps"], "resources": ["a", "b/c"], "verbs": ["get"]}
    labels = {"app.kubernetes.io/component": "viewer"}
    found = grants([{"metadata": {"labels": labels}, "rules": [rule]}])
    wanted = {("", "a", "get"), ("", "b/c", "get"), ("apps", "a", "get"), ("apps", "b/c", "get")}
    assert found == {"viewer": wanted}


def test_verbs_are_written_short() -> None:
    assert verbs(["list", "patch", "watch", "get"]) == "*read*, patch"
    assert verbs(["get", "list"]) == "get, list"
    assert verbs([]) == "no"
