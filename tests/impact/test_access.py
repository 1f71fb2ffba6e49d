"""Who may connect to whom in the profile `production` on the recorded cluster."""

import pytest
from tests.impact.release import NAMESPACE, is_own, make_workloads, render_step

from carbon.check.services.reachability import selects
from carbon.impact.state import Connection, State
from carbon.impact.workloads import OUTSIDE, Workload


def test_the_last_step_has_no_peerauthentication_for_pods_of_another_team() -> None:
    """Of two for the same pods, Istio uses the older one: their owners could not replace it."""
    rendered = [obj for obj in render_step("namespace") if obj["kind"] == "PeerAuthentication"]
    wanted = [(obj["metadata"]["name"], obj["spec"]["selector"]) for obj in rendered]
    others = [each for each in make_workloads() if not is_own(each)]
    assert {"mlflow", "ray-cluster"} <= {name for name, _ in wanted}
    assert [n for n, labels in wanted if any(selects(labels, o.peer.labels) for o in others)] == []


@pytest.mark.parametrize("name", ["own-pods", "namespace"])
def test_only_ray_and_the_drill_reach_the_api_server_and_no_own_pod_the_internet(name: str) -> None:
    state = State(render_step(name))
    workloads = make_workloads()
    nodes = [each for each in workloads if each.name.startswith("node ")]
    outside = next(each for each in workloads if each.name == OUTSIDE)
    own = [each for each in workloads if each.ours and each.namespace == NAMESPACE]
    calls = {str(each.peer.labels["app"]) for each in own if reaches(state, each, nodes, 6443)}
    assert calls == {"backup-drill", "gpu-pool-test", "ray-cluster"}
    assert [str(each) for each in own if reaches(state, each, [outside], 443)] == []


def reaches(state: State, source: Workload, targets: list[Workload], port: int) -> bool:
    """Return whether a workload reaches one of the targets."""
    return any(not state.find_refusals(Connection(source, t, port, "TCP")) for t in targets)
