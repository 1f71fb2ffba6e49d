"""Istio policies of each profile: the requests that each caller may send, and the mTLS modes.

The tests render the chart mesh-policies alone, with the umbrella's `global`.
"""

import json
from functools import cache

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.render import Object, Render, render_objects
from carbon.mesh.table import PROFILES, load_globals

CHART = next(chart for chart in CHARTS if chart.name == "mesh-policies")
LOCAL = "cluster.local/ns/data-platform/sa/"
RAY_METRICS_PORTS = {8080, 44217, 44227}
"""Ports that Prometheus scrapes from outside the mesh."""


def allows(policy: Object, caller: str, port: int, method: str, path: str) -> bool:
    """Return whether an AuthorizationPolicy allows a request; the caller "" is outside the mesh."""

    def matches(pattern: str, value: str) -> bool:
        if pattern.endswith("*"):
            return value.startswith(pattern[:-1])
        return value.endswith(pattern[1:]) if pattern.startswith("*") else value == pattern

    def permits(rule: Object) -> bool:
        sources = [each["source"] for each in rule.get("from", [])]
        from_caller = not sources or any(
            caller in each["principals"] if "principals" in each else not caller for each in sources
        )
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
def render(name: str, kind: str, ray: str = "strict") -> dict[str, Object]:
    """Return the Istio objects of a kind in a profile with a mesh, by name."""
    mesh = {"enabled": True, "ray": ray}
    shared = load_globals(PROFILES[name], {"mesh": mesh, "monitoring": {"enabled": True}})
    rendered = Render(CHART.folder, sets=(f"global={json.dumps(shared)}",), apis=APIS)
    objects = (obj for obj in render_objects(rendered) if obj["kind"] == kind)
    return {obj["metadata"]["name"]: obj for obj in objects}


def policies(name: str, ray: str = "strict") -> dict[str, Object]:
    """Return the AuthorizationPolicies of a profile by name."""
    return render(name, "AuthorizationPolicy", ray)


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


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("ray", ["strict", "portPermissive"])
def test_no_policy_allows_callers_with_an_unlisted_identity(name: str, ray: str) -> None:
    for policy in policies(name, ray).values():
        operations = [to["operation"] for r in policy["spec"]["rules"] for to in r["to"]]
        ports = {int(port) for each in operations for port in each["ports"]}
        for port in ports:
            assert not allows(policy, LOCAL + "stranger", port, "GET", "/metrics")


def test_a_push_consumer_can_only_push_features_and_an_application_only_read_them() -> None:
    policy = policies("production")["feast-server"]
    grpc = "/GrpcFeatureServer/"
    for name, method, call in (
        ("feature-push", "/push", f"{grpc}Push"),
        ("model-consumers", "/get-online-features", f"{grpc}GetOnlineFeatures"),
    ):
        for path in ("/push", "/get-online-features", "/materialize"):
            assert allows(policy, LOCAL + name, 6566, "POST", path) is (path == method)
        for each in ("Push", "GetOnlineFeatures", "WriteToOnlineStore"):
            path = grpc + each
            assert allows(policy, LOCAL + name, 6567, "POST", path) is (path == call)
    ray = policies("production")["ray-cluster"]
    assert allows(ray, LOCAL + "model-consumers", 8000, "POST", "/day-ahead-price")
    for caller in (LOCAL + "feature-push", LOCAL + "superset", ""):
        assert not allows(ray, caller, 8000, "POST", "/day-ahead-price")


def test_callers_without_an_identity_can_only_scrape_mlflow() -> None:
    policy = policies("quickstart")["mlflow"]
    assert allows(policy, "", 5000, "GET", "/metrics")
    assert not allows(policy, "", 5000, "POST", "/metrics")
    assert not allows(policy, "", 5000, "GET", "/api/2.0/mlflow/runs/get")
    assert allows(policy, LOCAL + "ray-cluster", 5000, "POST", "/api/2.0/mlflow/runs/create")
    assert not allows(policy, LOCAL + "redis", 5000, "GET", "/metrics/x")


def read_modes(name: str, ray: str = "strict") -> dict[str, Object]:
    """Return the spec of each PeerAuthentication of a profile by name."""
    return {key: obj["spec"] for key, obj in render(name, "PeerAuthentication", ray).items()}


@pytest.mark.parametrize("name", PROFILES)
def test_feast_and_ray_require_mtls_except_on_metrics_ports_and_mlflow_does_not(name: str) -> None:
    modes = read_modes(name)
    for server, metrics in (("feast-server", {8000}), ("ray-cluster", RAY_METRICS_PORTS)):
        assert modes[server]["mtls"] == {"mode": "STRICT"}
        ports = modes[server]["portLevelMtls"]
        assert ports == {str(port): {"mode": "PERMISSIVE"} for port in metrics}
    assert modes["mlflow"] == modes["mlflow"] | {"mtls": {"mode": "PERMISSIVE"}}


def test_port_permissive_accepts_plaintext_only_on_the_ports_between_ray_pods() -> None:
    spec = read_modes("production", "portPermissive")["ray-cluster"]
    assert spec["mtls"] == {"mode": "STRICT"}
    inner = {6379, 6380, 6381, 6382, 6383, 52365, *range(10002, 10034)}
    assert {int(port) for port in spec["portLevelMtls"]} == inner | RAY_METRICS_PORTS
    assert {each["mode"] for each in spec["portLevelMtls"].values()} == {"PERMISSIVE"}
    policy = policies("production", "portPermissive")["ray-cluster"]
    for caller in ("", LOCAL + "ray-cluster"):
        assert allows(policy, caller, 6379, "POST", "/")
    assert not allows(policy, "", 8265, "GET", "/")
