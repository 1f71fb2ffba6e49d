"""`carbon mesh` names each pod that policies select, and each connection that they close."""

import json
import subprocess
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.impact.record import (
    CONNECTIONS,
    FOLDER,
    PRODUCTION,
    list_objects,
    list_pod_attempts,
    of_kind,
)

from carbon.check.services.reachability import evaluate
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.impact.cluster import read_cluster
from carbon.impact.outputs import to_map
from carbon.impact.run import Run, read_used, read_values
from carbon.impact.steps import render_policies

NAMESPACE = "data-platform"


@cache
def make_run(profile: Path = PRODUCTION) -> Run:
    """Return a profile on the recorded cluster."""
    used = read_used(CONNECTIONS)
    return Run(read_cluster([FOLDER]), read_values([profile]), NAMESPACE, used)


def test_the_command_names_each_connection_that_networkpolicies_close() -> None:
    values = read_values([PRODUCTION])
    installed = of_kind("NetworkPolicy")
    rendered = [
        each
        for each in render_policies(values, "254carbon", NAMESPACE)
        if each["kind"] == "NetworkPolicy"
    ]
    attempts = list_pod_attempts()
    only = [one for _, _, one in attempts]
    before, after = evaluate(installed, only), evaluate([*installed, *rendered], only)
    closed = {
        (client, server, one.port, one.transport)
        for (client, server, one), was, now in zip(attempts, before, after, strict=True)
        if was and not now
    }
    assert closed
    changes = to_map(make_run().compare_cluster())["lost"]
    named = {(c["from"], c["to"], c["port"], c["transport"]): c["policies"] for c in changes}
    assert closed <= named.keys()
    others = {key for key, policies in named.items() if "NetworkPolicy" not in str(policies)}
    addresses = {key for key in named if "/" not in key[0] or "/" not in key[1]}
    services = {
        key for key in named if (key[2], key[3]) not in {(a.port, a.transport) for a in only}
    }
    assert named.keys() - others - addresses - services <= closed


def test_without_policies_of_the_release_nothing_changes() -> None:
    found = to_map(make_run().compare_step("nothing"))
    assert [found[key] for key in ("selected", "lost", "allowed", "missing")] == [[], [], [], []]


def test_a_pod_without_an_entry_is_isolated_by_the_step_of_the_namespace() -> None:
    found = to_map(make_run().compare_step("namespace"))
    shell = [each for each in found["selected"] if each["workload"] == "data-platform/shell"]
    assert [each["policies"] for each in shell] == [["NetworkPolicy/default-deny"]]
    assert shell[0]["pods"] == ["shell"]
    assert not shell[0]["own"]


def test_a_policy_of_another_team_that_forgets_a_client_is_named() -> None:
    """The recorded policy of PostgreSQL does not list Feast."""
    values = read_values([PRODUCTION])
    values["mesh-policies"]["networkPolicies"]["defaultDeny"] = "platform"
    values["global"]["services"]["postgresql"]["policies"] = False
    run = Run(read_cluster([FOLDER]), values, NAMESPACE)
    missing = {
        (each["from"], each["to"]): each["policies"]
        for each in to_map(run.compare_cluster())["missing"]
    }
    policies = missing["data-platform/feast-server", "data-platform/postgres-shared-service"]
    assert "NetworkPolicy/allow-to-postgres (ingress)" in policies


def test_an_entry_that_states_another_account_proxy_or_address_is_named(tmp_path: Path) -> None:
    objects = deepcopy(list_objects())
    service = next(obj for obj in objects if obj["metadata"]["name"] == "kubernetes")
    service["spec"]["clusterIP"] = "10.96.0.1"
    pods = {obj["metadata"]["name"]: obj["spec"] for obj in objects if obj["kind"] == "Pod"}
    pods["portal-0"]["serviceAccountName"] = "web"
    pods["kong-0"]["containers"].append({"name": "istio-proxy"})
    entry = read_values([PRODUCTION])["global"]["services"]["kubernetes-api"]
    cidrs = ", ".join(entry["cidrs"])
    (tmp_path / "cluster.json").write_text(json.dumps({"items": objects}))
    run = Run(read_cluster([tmp_path]), read_values([PRODUCTION]), NAMESPACE)
    assert to_map(run.compare_cluster())["different"] == [
        {"entry": "kong", "key": "mesh", "stated": "false", "found": ("true",)},
        {"entry": "portal", "key": "serviceAccount", "stated": "portal", "found": ("web",)},
        {"entry": "kubernetes-api", "key": "cidrs", "stated": cidrs, "found": ("10.96.0.1",)},
    ]
    text = run_command("impact", "--values", PRODUCTION, "--cluster", tmp_path).stdout
    assert "portal.serviceAccount is portal, and the pods have: web" in text
    assert "and the Service has: 10.96.0.1" in text
    assert to_map(make_run().compare_cluster())["different"] == []


def test_a_release_that_runs_is_compared_by_its_own_policies() -> None:
    values = read_values([PRODUCTION])
    own = render_policies(values, "254carbon", NAMESPACE)
    cluster = read_cluster([FOLDER])
    run = Run(type(cluster)([*cluster.objects, *own]), values, NAMESPACE)
    found = to_map(run.compare_cluster())
    assert [found[key] for key in ("selected", "lost", "allowed")] == [[], [], []]


def run_command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "carbon", "mesh", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_the_command_prints_json_and_marks_connections_in_use() -> None:
    options: list[str | Path] = [
        "--values",
        PRODUCTION,
        "--cluster",
        FOLDER,
        "--connections",
        CONNECTIONS,
    ]
    done = run_command("impact", *options, "--step", "namespace", "--output", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found == to_map(make_run().compare_step("namespace"))
    text = run_command("impact", *options, "--step", "namespace").stdout
    used = sum(each["used"] for each in found["lost"])
    assert f"Connections lost: {len(found['lost'])}, {used} of them in use" in text


def test_wrong_input_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "nodes.json").write_text(json.dumps({"items": of_kind("Node")}))
    done = run_command("steps", "--values", PRODUCTION, "--cluster", tmp_path)
    assert done.returncode == 1
    assert "there is no Pod in" in done.stderr
    assert "kubectl get pods" in done.stderr
    with pytest.raises(CarbonError, match="The steps are: nothing, own-pods"):
        make_run().compare_step("kafak")
