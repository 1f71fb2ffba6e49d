"""Each rule of the upgrade check, on small objects: a change, and the finding about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import run_rules

Object = dict[str, Any]
VERSIONS = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("Role", "RoleBinding"), "rbac.authorization.k8s.io/v1"),
    **dict.fromkeys(("Ingress", "NetworkPolicy"), "networking.k8s.io/v1"),
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    **dict.fromkeys(("RayCluster", "RayService"), "ray.io/v1"),
}


def read_objects(texts: list[str]) -> Iterator[Object]:
    """Yield the objects of an example: `Kind/name`, then the other fields as YAML."""
    for text in texts:
        identity, _, fields = text.partition(" ")
        kind, _, name = identity.partition("/")
        body = {"apiVersion": VERSIONS.get(kind, "v1"), "kind": kind, "metadata": {"name": name}}
        given = yaml.safe_load(fields) or {}
        body["metadata"] |= given.pop("metadata", {})
        yield body | given


def compare(old: list[str], new: list[str], minor: str = "1.37") -> list[Finding]:
    before, after = (tuple(read_objects(side)) for side in (old, new))
    return run_rules(Comparison("example", before, after, minor))


EXAMPLES = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["it"])
def test_rule(example: dict[str, Any]) -> None:
    found = compare(example.get("old", []), example.get("new", []), example.get("minor", "1.37"))
    shown = sorted(f"{f.severity} {f.rule} {f.subject} {f.field}".strip() for f in found)
    assert shown == sorted(example.get("findings", []))
    for each in found:
        assert each.why
        assert each.remedy or each.severity in (Severity.RESTART, Severity.NOTE)


def test_the_examples_cover_every_rule() -> None:
    root = Path(__file__).parents[2] / "tools" / "carbon" / "upgrade" / "rules"
    named = {
        line.strip().rstrip(",").strip('"')
        for path in root.glob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith('"') and "/" in line and " " not in line.strip()
    }
    rules = {name for name in named if name.count("/") == 1 and name.replace("/", "").isalpha()}
    shown = {f.split()[1] for each in EXAMPLES for f in each.get("findings", [])}
    assert "immutable/field" in rules
    assert rules <= shown


def test_a_finding_states_under_which_helm_the_api_server_refuses_it() -> None:
    (found,) = compare(
        ["Deployment/a {spec: {selector: {matchLabels: {app: a}}}}"],
        ["Deployment/a {spec: {selector: {matchLabels: {app: b}}}}"],
    )
    assert found.helm == ("3", "4")
    assert (found.old, found.new) == ("a", "b")


def test_a_field_of_a_custom_resource_is_looked_up_with_kubectl() -> None:
    known = "RayCluster/a {spec: {workerGroupSpecs: [{groupName: a}]}}"
    given = "RayCluster/a {spec: {workerGroupSpecs: [{groupName: a, scaleStrategy: {}}]}}"
    (found,) = compare([known], [given])
    command = "kubectl explain raycluster.spec.workerGroupSpecs.scaleStrategy"
    assert f"`{command} --api-version=ray.io/v1`" in found.remedy
