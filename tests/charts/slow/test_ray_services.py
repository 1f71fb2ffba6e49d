"""The pods of RayServices count for the capacity, and policies and monitors select them."""

import json
import re
from functools import cache
from typing import Any

import pytest
from tests.charts.cases import APIS, UMBRELLA

from carbon.charts.render import Object, Render, pod_templates, render_objects, run_template
from carbon.check.services.attempts import EGRESS, INGRESS, Rights, list_attempts
from carbon.check.services.reachability import evaluate
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.mesh.table import NAMESPACE, PROFILES, load_globals, read_table

SERVE = 8000


@cache
def render() -> list[Object]:
    """Render the production profile with a RayService."""
    services = {"prices": {"serveConfig": {}, "workerGroups": {"small": {"replicas": 1}}}}
    profile = ROOT / "values" / "production.yaml"
    sets = (f"ray-cluster.services={json.dumps(services)}",)
    return render_objects(Render(UMBRELLA.folder, (profile,), sets, apis=APIS))


def list_pods() -> dict[str, Object]:
    """Return the pods of the RayService, by their role."""
    [service] = [obj for obj in render() if obj["kind"] == "RayService"]
    return dict(zip(("head", "small"), pod_templates(service), strict=True))


def count_cpus(services: dict[str, Any]) -> float:
    """Return the sum of CPU limits that the umbrella chart computes, in cores."""
    quota = {"enabled": True, "hard": {"limits.cpu": "1"}}
    ray = {"mode": "kuberay", "services": services}
    values = {"ray-cluster": ray, "quota": quota, "limitRange": {"enabled": True}}
    sets = tuple(f"{key}={json.dumps(value)}" for key, value in values.items())
    with pytest.raises(CarbonError) as refused:
        run_template(Render(UMBRELLA.folder, sets=sets, apis=APIS))
    found = re.search(r"limits can add up to ([\d.]+) cores", refused.value.what)
    assert found
    return float(found[1])


def test_the_capacity_counts_both_clusters_of_an_upgrade_with_the_groups_of_the_service() -> None:
    none = count_cpus({})
    groups = {"small": {"replicas": 3}, "large": {"resources": {"limits": {"cpu": 4}}}}
    service = {"serveConfig": {}, "workerGroups": groups}
    # The head and each small worker have a limit of 1 core.
    assert count_cpus({"prices": service}) - none == 2 * (1 + 3 + 4)
    assert count_cpus({"prices": {**service, "upgradeStrategy": "None"}}) - none == 1 + 3 + 4


def test_policies_open_exactly_the_connections_of_the_services_table_to_and_from_the_pods() -> None:
    table = read_table(load_globals(PROFILES["production"]))
    pods = {f"prices {role}": pod["metadata"]["labels"] for role, pod in list_pods().items()}
    every = [
        attempt
        for attempt in list_attempts(table, pods, NAMESPACE)
        if {attempt.source.name, attempt.target.name} & {*pods}
    ]
    rights = Rights(table, NAMESPACE, "platform")
    allowed = [all(rights.allows(one, way) for way in (EGRESS, INGRESS)) for one in every]
    policies = [obj for obj in render() if obj["kind"] == "NetworkPolicy"]
    assert evaluate(policies, every) == allowed
    opened = {
        (one.target.name, one.port) for one, is_open in zip(every, allowed, strict=True) if is_open
    }
    assert {(name, SERVE) for name in pods} <= opened
    assert 0 < sum(allowed) < len(every) / 2


@pytest.mark.parametrize("role", ["head", "small"])
def test_the_podmonitor_selects_the_pods_and_their_ports(role: str) -> None:
    pod = list_pods()[role]
    [monitor] = [
        obj
        for obj in render()
        if obj["kind"] == "PodMonitor" and obj["metadata"]["name"].startswith("ray-cluster")
    ]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    scraped = {each["port"] for each in monitor["spec"]["podMetricsEndpoints"]}
    assert scraped & ports == (scraped if role == "head" else {"metrics"})
