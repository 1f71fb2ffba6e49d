"""docs/roles.md: permissions are combined and abbreviated."""

from carbon.charts.generate.roles import format_verbs, read_grants


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
