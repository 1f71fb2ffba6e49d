"""Who may connect to whom in the profile `production` on the recorded cluster."""

import pytest
from tests.impact.release import NAMESPACE, is_own, make_workloads, render_step

from carbon.check.services.attempts import Peer
from carbon.check.services.reachability import selects
from carbon.impact.state import Connection, State
from carbon.impact.workloads import OUTSIDE, Workload


@pytest.mark.parametrize(
    ("kind", "selector", "labels"),
    [("PeerAuthentication", "selector", "matchLabels"), ("Sidecar", "workloadSelector", "labels")],
)
def test_no_object_displaces_a_newer_one_for_pods_of_another_team(
    kind: str, selector: str, labels: str
) -> None:
    """Of two for the same pods, Istio uses the older one."""
    rendered = [obj for obj in render_step("namespace") if obj["kind"] == kind]
    wanted = [
        (obj["metadata"]["name"], {"matchLabels": obj["spec"][selector][labels]})
        for obj in rendered
    ]
    others = [each for each in make_workloads() if not is_own(each)]
    assert {"mlflow", "ray-cluster"} <= {name for name, _ in wanted}
    assert [n for n, pods in wanted if any(selects(pods, o.peer.labels) for o in others)] == []


@pytest.mark.parametrize("name", ["own-pods", "namespace"])
def test_only_ray_and_the_drill_reach_the_api_server_and_no_own_pod_the_internet(name: str) -> None:
    state = State(render_step(name))
    workloads = make_workloads()
    nodes = [each for each in workloads if each.name.startswith("node ")]
    outside = next(each for each in workloads if each.name == OUTSIDE)
    own = [each for each in workloads if each.ours and each.namespace == NAMESPACE]
    calls = {str(each.peer.labels["app"]) for each in own if reaches(state, each, nodes, 6443)}
    assert calls == {"backup-drill", "gpu-pool-test", "ray-cluster"}
    assert [each.name for each in own if reaches(state, each, [outside], 443)] == ["mlflow-proxy"]


def reaches(state: State, source: Workload, targets: list[Workload], port: int) -> bool:
    """Return whether a workload reaches one of the targets."""
    return any(not state.find_refusals(Connection(source, t, port, "TCP")) for t in targets)


@pytest.mark.parametrize("name", ["own-pods", "namespace"])
def test_users_outside_the_cluster_reach_mlflow_through_its_login_only(name: str) -> None:
    state = State(render_step(name))
    known = {each.name: each for each in make_workloads()}
    mlflow, login = known["mlflow"], known["mlflow-proxy"]
    for source in ("cloudflared", "ingress-nginx-controller", "kong"):
        assert reaches(state, known[source], [login], 4180)
        assert not reaches(state, known[source], [mlflow], 5000)
    for source in ("mlflow-proxy", "ray-cluster-head", "dolphinscheduler-worker", "prometheus"):
        assert reaches(state, known[source], [mlflow], 5000)


@pytest.mark.parametrize("name", ["own-pods", "namespace"])
def test_consumers_reach_features_models_and_kafka_and_the_platform_does_not_reach_kafka(
    name: str,
) -> None:
    state = State(render_step(name))
    known = {each.name: each for each in make_workloads()}
    push, reader, stranger = map(make_client, ("feature-push", "model-consumers", "stranger"))
    feast, ray, kafka = known["feast-server"], known["ray-cluster-head"], known["kafka-service"]
    for port in (6566, 6567):
        assert reaches(state, push, [feast], port)
        assert reaches(state, reader, [feast], port)
        assert not reaches(state, stranger, [feast], port)
    assert reaches(state, reader, [ray], 8000)
    assert not reaches(state, stranger, [ray], 8000)
    assert reaches(state, push, [kafka], 9092)
    own = [each for each in known.values() if each.ours]
    assert {feast, ray} <= {*own}
    assert [each.name for each in own if reaches(state, each, [kafka], 9092)] == []


def make_client(app: str) -> Workload:
    """Return a workload in the mesh with a ServiceAccount of its own."""
    peer = Peer(f"{NAMESPACE}/{app}", "198.19.0.1", NAMESPACE, {"app": app})
    return Workload(app, NAMESPACE, peer, (app,), app, mesh=True)
