"""Each rule of the upgrade check, on small objects."""

from typing import Any

from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import to_pairs
from carbon.upgrade.rules import run_rules

Object = dict[str, Any]


def make(kind: str, spec: Object | None = None, /, name: str = "mlflow", **more: Any) -> Object:
    """Return a small object; `more` are further fields, such as data."""
    versions = {
        **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), "apps/v1"),
        **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
        "RoleBinding": "rbac.authorization.k8s.io/v1",
        "HorizontalPodAutoscaler": "autoscaling/v2",
    }
    body = {"apiVersion": versions.get(kind, "v1"), "kind": kind, "metadata": {"name": name}}
    return body | ({"spec": spec} if spec is not None else {}) | more


def compare(old: Object | list[Object], new: Object | list[Object]) -> list[Finding]:
    """Return the findings about an upgrade from one object, or several, to others."""
    sides = ([side] if isinstance(side, dict) else side for side in (old, new))
    return run_rules(to_pairs(*sides))


def list_keys(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(each.rule, each.field) for each in findings]


def test_a_selector_is_immutable() -> None:
    old = make("Deployment", {"selector": {"matchLabels": {"app": "mlflow"}}})
    new = make("Deployment", {"selector": {"matchLabels": {"app": "mlflow", "version": "2"}}})
    (found,) = compare(old, new)
    assert (found.rule, found.field) == ("immutable/field", "spec.selector.matchLabels.version")
    assert found.severity == Severity.BREAKING
    assert found.helm == ("3", "4")
