"""MLflow, Feast and Ray in a restricted namespace of a mesh, with production's mesh settings."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.add_ons import add_addons
from tests.live.mesh.test_mesh import apply, build_namespace
from tests.live.model.test_first_model import follow_example
from tests.live.ray.support import HEADS, WORKERS
from tests.live.support import JSON, SELECTOR, Release, is_ready

from carbon.demo.steps import open_demo
from carbon.platform.target import Target, get_target

NAMESPACE = "meshed-platform"
VALUES = Path(__file__).with_name("platform.yaml")
SPREAD = """\
import json, ray, socket, time

ray.init(log_to_driver=False)

@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def measure(block):
    time.sleep(1)
    return socket.gethostname(), len(block)

block = ray.put(bytes(16 << 20))
print(json.dumps(ray.get([measure.remote(block) for _ in range(8)], timeout=120)))
"""


@pytest.fixture(scope="module")
def release(mesh: Target) -> Iterator[Release]:
    with add_addons("kuberay"), Release(NAMESPACE) as release:
        apply(release, build_namespace(NAMESPACE, "enabled"))
        release.run_helm(
            "helm", "install", "254carbon", "umbrella/", "--values", str(VALUES), timeout="9m"
        )
        yield release


def find_proxy(pod: JSON) -> JSON | None:
    """Return the container of the sidecar of a pod."""
    containers = pod["spec"].get("initContainers", [])
    return next((each for each in containers if each["name"] == "istio-proxy"), None)


def test_every_server_is_ready_beside_its_sidecar(release: Release) -> None:
    pods = [pod for pod in release.get("pods") if pod["status"]["phase"] != "Succeeded"]
    names = {pod["metadata"]["labels"]["app"] for pod in pods}
    assert names >= {"mlflow", "feast", "ray-cluster", "postgresql", "redis", "s3"}
    assert [pod["metadata"]["name"] for pod in pods if not is_ready(pod)] == []
    assert [pod["metadata"]["name"] for pod in pods if not find_proxy(pod)] == []


def test_proxies_accept_their_whole_configuration(release: Release) -> None:
    ask = ["-c", "istio-proxy", "--", "pilot-agent", "request", "GET"]
    for pod in release.get("pods", "app in (mlflow,feast,ray-cluster,postgresql,redis,s3)"):
        if is_ready(pod):
            where = ["exec", pod["metadata"]["name"], *ask]
            counts = release.kubectl(*where, "stats?filter=update_rejected").splitlines()
            assert any(line.startswith("listener_manager.lds") for line in counts)
            assert [line for line in counts if line and not line.endswith(": 0")] == []


def test_pods_of_jobs_end_with_their_sidecars(release: Release) -> None:
    pods = release.get("pods", f"{SELECTOR},batch.kubernetes.io/job-name")
    phases = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in pods if find_proxy(pod)}
    assert phases
    assert set(phases.values()) == {"Succeeded"}, phases


def test_tasks_of_ray_run_on_both_workers(release: Release) -> None:
    [head] = release.get("pods", HEADS)
    workers = {pod["metadata"]["name"] for pod in release.get("pods", WORKERS)}
    where = ["exec", head["metadata"]["name"], "-c", "ray-head", "--"]
    output = release.kubectl(*where, "python3", "-c", SPREAD)
    results = json.loads(output.splitlines()[-1])
    assert {size for _, size in results} == {16 << 20}
    assert {name for name, _ in results} >= workers
    assert len(workers) == 2


def test_the_releases_own_tests_pass(release: Release) -> None:
    release.run_tests()


def test_the_first_model_is_trained_and_served(release: Release) -> None:
    """Last: the example changes the release's values."""
    with open_demo(get_target(None, NAMESPACE)) as steps:
        follow_example(release, steps)
    finished = release.get("pods", "app=feast-materialization")
    assert finished
    assert {pod["status"]["phase"] for pod in finished if find_proxy(pod)} == {"Succeeded"}
