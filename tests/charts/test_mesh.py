"""Pods and policies in an Istio mesh: Jobs end, STRICT services are reached, and each caller may do
what the table says and nothing more."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from tests.charts.cases import RENDERS, of_kind, profile
from tests.charts.connections import entry_of, rendered_pods

from carbon.charts.render import Object, Render, render_objects
from carbon.mesh.table import PROFILES, load_globals, read_table

INJECT = "sidecar.istio.io/inject"
NATIVE = "sidecar.istio.io/nativeSidecar"
MESH = ("global.mesh.enabled=true", "global.monitoring.enabled=true")
ENDS = ("Job/", "CronJob/", "Pod/")
MESHED = [r for r in RENDERS if any(NATIVE in str(thing) for thing in render_objects(r))]
MESHED += [profile("production"), replace(profile("quickstart"), sets=MESH)]
LOCAL = "cluster.local/ns/data-platform/sa/"
RAY_SCRAPED = {8080, 44217, 44227}
"""Ports of metrics, which Prometheus reads from outside the mesh."""


def strategies(pod: Object) -> set[str]:
    """How a pod in the mesh that runs to an end can end: by a native sidecar, or without one."""
    labels, notes = pod["metadata"]["labels"], pod["metadata"].get("annotations", {})
    found = set()
    if labels.get(INJECT) == "true" and notes.get(NATIVE) == "true":
        found.add("native sidecar")
    if labels.get(INJECT) == "false":
        found.add("no sidecar")
    return found


@pytest.mark.parametrize("render", MESHED, ids=str)
def test_what_runs_to_an_end_has_exactly_one_way_to_end(render: Render) -> None:
    for name, pod in rendered_pods(render_objects(render)):
        if name.startswith(ENDS):
            assert len(strategies(pod)) == 1, name


@pytest.mark.parametrize(
    ("name", "sets"), [("production", ()), ("quickstart", MESH)], ids=lambda v: str(v)
)
def test_what_calls_a_strict_service_is_in_the_mesh(name: str, sets: tuple[str, ...]) -> None:
    switched = {"mesh": {"enabled": True}, "monitoring": {"enabled": True}}
    table = read_table(load_globals(PROFILES[name], switched))
    callers = {
        client
        for server in table.values()
        for port in server.ports
        if port.mtls == "strict" and server.mesh
        for client in port.clients
    }
    assert "ray-cluster" in callers
    assert {c for c in callers if not table[c].mesh} == set()
    for workload, pod in rendered_pods(render_objects(replace(profile(name), sets=sets))):
        entry = entry_of(pod, table)
        if entry and entry.name in callers:
            assert "no sidecar" not in strategies(pod), workload


def allows(policy: Object, caller: str, port: int, method: str, path: str) -> bool:
    """Whether an AuthorizationPolicy lets a request through; a caller outside the mesh is ""."""

    def fits(pattern: str, value: str) -> bool:
        if pattern.endswith("*"):
            return value.startswith(pattern[:-1])
        return value.endswith(pattern[1:]) if pattern.startswith("*") else value == pattern

    def one(rule: Object) -> bool:
        sources = [s["source"]["principals"] for s in rule.get("from", [])]
        known = not sources or any(caller in each for each in sources)
        operations = [o["operation"] for o in rule.get("to", [{"operation": {}}])]
        return known and any(
            str(port) in o.get("ports", [str(port)])
            and method in o.get("methods", [method])
            and any(fits(pattern, path) for pattern in o.get("paths", ["*"]))
            for o in operations
        )

    assert policy["spec"]["action"] == "ALLOW"
    return any(one(rule) for rule in policy["spec"].get("rules", []))


@cache
def policies(name: str) -> dict[str, Object]:
    found = of_kind(replace(profile(name), sets=MESH), "AuthorizationPolicy")
    return {policy["metadata"]["name"]: policy for policy in found}


OPERATOR = "cluster.local/ns/kuberay-system/sa/kuberay-operator"
VIEWER, SUBMITTER = LOCAL + "portal", LOCAL + "dolphinscheduler"
JOBS = ["/api/jobs/", "/api/jobs/raysubmit_1/stop", "/api/serve/applications/"]
JOBS += ["/api/packages/gcs/_ray_pkg_1.zip"]


@pytest.mark.parametrize("path", ["/", "/nodes?view=summary", *JOBS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
def test_viewers_of_ray_read_and_submitters_submit(method: str, path: str) -> None:
    policy, reads = policies("production")["ray-cluster"], method in ("GET", "HEAD")
    assert allows(policy, VIEWER, 8265, method, path) is reads
    for caller in (SUBMITTER, OPERATOR, LOCAL + "ray-cluster"):
        submits = method in ("POST", "PUT", "DELETE") and path in JOBS
        assert allows(policy, caller, 8265, method, path) is (reads or submits)
    for caller in (LOCAL + "mlflow", LOCAL + "feast", ""):
        assert not allows(policy, caller, 8265, method, path)


@pytest.mark.parametrize("caller", [VIEWER, SUBMITTER, OPERATOR, LOCAL + "mlflow", ""])
def test_ray_takes_code_from_its_own_pods_only(caller: str) -> None:
    policy = policies("production")["ray-cluster"]
    for port in (6379, 6380, 10001, 10002, 10012, 52365):
        assert not allows(policy, caller, port, "POST", "/")
        assert allows(policy, LOCAL + "ray-cluster", port, "POST", "/")


@pytest.mark.parametrize("name", PROFILES)
def test_feast_answers_listed_clients_only(name: str) -> None:
    policy = policies(name)["feast-server"]
    for port in (6566, 6567):
        assert allows(policy, LOCAL + "ray-cluster", port, "POST", "/get-online-features")
        for caller in (LOCAL + "mlflow", LOCAL + "superset", OPERATOR, ""):
            assert not allows(policy, caller, port, "POST", "/get-online-features")
    assert allows(policy, "", 8000, "GET", "/metrics")


def test_who_has_no_identity_may_scrape_mlflow_and_nothing_else() -> None:
    policy = policies("quickstart")["mlflow"]
    assert allows(policy, "", 5000, "GET", "/metrics")
    assert not allows(policy, "", 5000, "POST", "/metrics")
    assert not allows(policy, "", 5000, "GET", "/api/2.0/mlflow/runs/get")
    assert allows(policy, LOCAL + "ray-cluster", 5000, "POST", "/api/2.0/mlflow/runs/create")
    assert not allows(policy, LOCAL + "redis", 5000, "GET", "/metrics/x")


def _modes(name: str, sets: tuple[str, ...] = MESH) -> Iterator[tuple[str, Object]]:
    for thing in of_kind(replace(profile(name), sets=sets), "PeerAuthentication"):
        yield thing["metadata"]["name"], thing["spec"]


@pytest.mark.parametrize("name", PROFILES)
def test_feast_and_ray_take_mtls_only(name: str) -> None:
    modes = dict(_modes(name))
    for server, scraped in (("feast-server", {8000}), ("ray-cluster", RAY_SCRAPED)):
        assert modes[server]["mtls"] == {"mode": "STRICT"}
        ports = modes[server]["portLevelMtls"]
        assert ports == {port: {"mode": "PERMISSIVE"} for port in scraped}
    assert modes["mlflow"] == modes["mlflow"] | {"mtls": {"mode": "PERMISSIVE"}}


def test_ray_may_be_plain_between_its_own_pods_only() -> None:
    sets = (*MESH, 'global.mesh.ray="portPermissive"')
    spec = dict(_modes("production", sets))["ray-cluster"]
    assert spec["mtls"] == {"mode": "STRICT"}
    inner = {6379, 6380, 6381, 6382, 6383, 52365, *range(10002, 10034)}
    assert spec["portLevelMtls"].keys() == inner | RAY_SCRAPED
    assert {each["mode"] for each in spec["portLevelMtls"].values()} == {"PERMISSIVE"}
    drawn = of_kind(replace(profile("production"), sets=sets), "AuthorizationPolicy")
    policy = next(p for p in drawn if p["metadata"]["name"] == "ray-cluster")
    assert allows(policy, "", 6379, "POST", "/")
    assert not allows(policy, "", 8265, "GET", "/")


def test_without_a_mesh_nothing_of_istio_is_drawn() -> None:
    groups = {thing["apiVersion"] for thing in render_objects(profile("quickstart"))}
    assert [group for group in groups if "istio" in group] == []
