"""Pods and policies in an Istio mesh.

Jobs end, clients of STRICT Services are in the mesh, and AuthorizationPolicies allow each caller
exactly the requests of the services table.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from tests.charts.cases import RENDERS, list_pods, of_kind, profile
from tests.charts.connections import find_entry

from carbon.charts.render import Object, Render, render_objects
from carbon.mesh.table import PROFILES, load_globals, read_table

INJECT = "sidecar.istio.io/inject"
NATIVE = "sidecar.istio.io/nativeSidecar"
MESH = ("global.mesh.enabled=true", "global.monitoring.enabled=true")
ENDS = ("Job/", "CronJob/", "Pod/")
MESHED = [r for r in RENDERS if any(NATIVE in str(obj) for obj in render_objects(r))]
MESHED += [profile("production"), replace(profile("quickstart"), sets=MESH)]
LOCAL = "cluster.local/ns/data-platform/sa/"
RAY_METRICS_PORTS = {8080, 44217, 44227}
"""Ports that Prometheus scrapes from outside the mesh."""


def list_strategies(pod: Object) -> set[str]:
    """Return how a pod can end in the mesh: with a native sidecar, or without a sidecar."""
    labels, annotations = pod["metadata"]["labels"], pod["metadata"].get("annotations", {})
    strategies = set()
    if labels.get(INJECT) == "true" and annotations.get(NATIVE) == "true":
        strategies.add("native sidecar")
    if labels.get(INJECT) == "false":
        strategies.add("no sidecar")
    return strategies


@pytest.mark.parametrize("render", MESHED, ids=str)
def test_pods_of_jobs_and_tests_can_end_in_the_mesh(render: Render) -> None:
    for name, pod in list_pods(render_objects(render)):
        if name.startswith(ENDS):
            assert len(list_strategies(pod)) == 1, name


@pytest.mark.parametrize(
    ("name", "sets"), [("production", ()), ("quickstart", MESH)], ids=lambda v: str(v)
)
def test_clients_of_strict_services_are_in_the_mesh(name: str, sets: tuple[str, ...]) -> None:
    enabled = {"mesh": {"enabled": True}, "monitoring": {"enabled": True}}
    table = read_table(load_globals(PROFILES[name], enabled))
    callers = {
        client
        for server in table.values()
        for port in server.ports
        if port.mtls == "strict" and server.mesh
        for client in port.clients
    }
    assert "ray-cluster" in callers
    assert {c for c in callers if not table[c].mesh} == set()
    for workload, pod in list_pods(render_objects(replace(profile(name), sets=sets))):
        entry = find_entry(pod, table)
        if entry and entry.name in callers:
            assert "no sidecar" not in list_strategies(pod), workload


def allows(policy: Object, caller: str, port: int, method: str, path: str) -> bool:
    """Return whether an AuthorizationPolicy allows a request; the caller "" is outside the mesh."""

    def matches(pattern: str, value: str) -> bool:
        if pattern.endswith("*"):
            return value.startswith(pattern[:-1])
        return value.endswith(pattern[1:]) if pattern.startswith("*") else value == pattern

    def permits(rule: Object) -> bool:
        sources = [s["source"]["principals"] for s in rule.get("from", [])]
        from_caller = not sources or any(caller in each for each in sources)
        operations = [o["operation"] for o in rule.get("to", [{"operation": {}}])]
        return from_caller and any(
            str(port) in o.get("ports", [str(port)])
            and method in o.get("methods", [method])
            and any(matches(pattern, path) for pattern in o.get("paths", ["*"]))
            for o in operations
        )

    assert policy["spec"]["action"] == "ALLOW"
    return any(permits(rule) for rule in policy["spec"].get("rules", []))


@cache
def policies(name: str, sets: tuple[str, ...] = MESH) -> dict[str, Object]:
    """Return the AuthorizationPolicies of a profile by name."""
    rendered = of_kind(replace(profile(name), sets=sets), "AuthorizationPolicy")
    return {policy["metadata"]["name"]: policy for policy in rendered}


OPERATOR = "cluster.local/ns/kuberay-system/sa/kuberay-operator"
VIEWER, SUBMITTER = LOCAL + "portal", LOCAL + "dolphinscheduler"
JOBS = ["/api/jobs/", "/api/jobs/raysubmit_1/stop", "/api/serve/applications/"]
JOBS += ["/api/packages/gcs/_ray_pkg_1.zip"]


@pytest.mark.parametrize("path", ["/", "/nodes?view=summary", *JOBS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
def test_ray_viewers_can_read_and_submitters_can_submit_jobs(method: str, path: str) -> None:
    policy, reads = policies("production")["ray-cluster"], method in ("GET", "HEAD")
    assert allows(policy, VIEWER, 8265, method, path) is reads
    for caller in (SUBMITTER, OPERATOR, LOCAL + "ray-cluster"):
        submits = method in ("POST", "PUT", "DELETE") and path in JOBS
        assert allows(policy, caller, 8265, method, path) is (reads or submits)
    for caller in (LOCAL + "mlflow", LOCAL + "feast", ""):
        assert not allows(policy, caller, 8265, method, path)


@pytest.mark.parametrize("caller", [VIEWER, SUBMITTER, OPERATOR, LOCAL + "mlflow", ""])
def test_only_ray_pods_can_connect_to_the_ports_that_run_code(caller: str) -> None:
    policy = policies("production")["ray-cluster"]
    for port in (6379, 6380, 10001, 10002, 10012, 52365):
        assert not allows(policy, caller, port, "POST", "/")
        assert allows(policy, LOCAL + "ray-cluster", port, "POST", "/")


@pytest.mark.parametrize("name", PROFILES)
def test_only_listed_clients_can_read_features(name: str) -> None:
    policy = policies(name)["feast-server"]
    for port in (6566, 6567):
        assert allows(policy, LOCAL + "ray-cluster", port, "POST", "/get-online-features")
        for caller in (LOCAL + "mlflow", LOCAL + "superset", OPERATOR, ""):
            assert not allows(policy, caller, port, "POST", "/get-online-features")
    assert allows(policy, "", 8000, "GET", "/metrics")


def test_callers_without_an_identity_can_only_scrape_mlflow() -> None:
    policy = policies("quickstart")["mlflow"]
    assert allows(policy, "", 5000, "GET", "/metrics")
    assert not allows(policy, "", 5000, "POST", "/metrics")
    assert not allows(policy, "", 5000, "GET", "/api/2.0/mlflow/runs/get")
    assert allows(policy, LOCAL + "ray-cluster", 5000, "POST", "/api/2.0/mlflow/runs/create")
    assert not allows(policy, LOCAL + "redis", 5000, "GET", "/metrics/x")


def _list_modes(name: str, sets: tuple[str, ...] = MESH) -> Iterator[tuple[str, Object]]:
    """Yield the name and the spec of each PeerAuthentication of a profile."""
    for obj in of_kind(replace(profile(name), sets=sets), "PeerAuthentication"):
        yield obj["metadata"]["name"], obj["spec"]


@pytest.mark.parametrize("name", PROFILES)
def test_feast_and_ray_require_mtls_except_on_metrics_ports(name: str) -> None:
    modes = dict(_list_modes(name))
    for server, metrics in (("feast-server", {8000}), ("ray-cluster", RAY_METRICS_PORTS)):
        assert modes[server]["mtls"] == {"mode": "STRICT"}
        ports = modes[server]["portLevelMtls"]
        assert ports == {str(port): {"mode": "PERMISSIVE"} for port in metrics}
    assert modes["mlflow"] == modes["mlflow"] | {"mtls": {"mode": "PERMISSIVE"}}


def test_port_permissive_allows_plaintext_only_between_ray_pods() -> None:
    sets = (*MESH, 'global.mesh.ray="portPermissive"')
    spec = dict(_list_modes("production", sets))["ray-cluster"]
    assert spec["mtls"] == {"mode": "STRICT"}
    inner = {6379, 6380, 6381, 6382, 6383, 52365, *range(10002, 10034)}
    assert {int(port) for port in spec["portLevelMtls"]} == inner | RAY_METRICS_PORTS
    assert {each["mode"] for each in spec["portLevelMtls"].values()} == {"PERMISSIVE"}
    policy = policies("production", sets)["ray-cluster"]
    assert allows(policy, "", 6379, "POST", "/")
    assert not allows(policy, "", 8265, "GET", "/")


def test_without_a_mesh_no_istio_object_is_rendered() -> None:
    groups = {obj["apiVersion"] for obj in render_objects(profile("quickstart"))}
    assert [group for group in groups if "istio" in group] == []
