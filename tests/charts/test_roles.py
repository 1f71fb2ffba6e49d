"""User roles: each role includes the previous one, and no role can extend its own rights."""

from itertools import pairwise

from carbon.charts.generate import roles
from carbon.charts.generate.roles import ROLES, format_verbs, read_grants, render_grants


def test_each_role_includes_the_rights_of_the_previous_role() -> None:
    granted = render_grants()
    for less, more in pairwise(ROLES):
        assert granted[less] < granted[more], more


def test_only_the_operator_can_access_secrets() -> None:
    granted = render_grants()
    names = [n for n in ROLES if any(resource == "secrets" for _, resource, _ in granted[n])]
    assert names == ["operator"]


def test_no_role_can_extend_its_own_rights() -> None:
    for name, own in render_grants().items():
        assert not [g for g in own if "*" in g], name
        writes = {(g, r) for g, r, verb in own if verb not in roles.READ}
        assert not {r for g, r in writes if g == "rbac.authorization.k8s.io"}, name
        assert not {verb for _, _, verb in own} & {"impersonate", "bind", "escalate"}, name
        assert ("", "serviceaccounts/token") not in writes, name


def test_a_rule_grants_every_combination_of_group_resource_and_verb() -> None:
    rule = {"apiGroups": ["", "apps"], "resources": ["a", "b/c"], "verbs": ["get"]}
    labels = {"app.kubernetes.io/component": "viewer"}
    granted = read_grants([{"metadata": {"labels": labels}, "rules": [rule]}])
    expected = {("", "a", "get"), ("", "b/c", "get"), ("apps", "a", "get"), ("apps", "b/c", "get")}
    assert granted == {"viewer": expected}


def test_the_read_verbs_are_abbreviated() -> None:
    assert format_verbs(["list", "patch", "watch", "get"]) == "*read*, patch"
    assert format_verbs(["get", "list"]) == "get, list"
    assert format_verbs([]) == "no"
