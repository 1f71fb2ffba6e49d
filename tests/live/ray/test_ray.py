"""Failures, upgrades and autoscaling of Ray clusters of the modes kuberay and standalone."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.live.ray import cases
from tests.live.ray.support import (
    HEADS,
    NAMED,
    NODES,
    SMALL,
    WORKERS,
    RayRelease,
    add_operator,
    beside_redis,
)
from tests.live.support import wait

from carbon.charts import kuberay
from carbon.charts.merging import merge
from carbon.platform.target import Target

QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "quota"},
    "spec": {"hard": {"limits.cpu": "12", "limits.memory": "16Gi"}},
}


@pytest.fixture(scope="module")
def operator(cluster: Target) -> Target:
    """The local cluster with the KubeRay operator."""
    add_operator()
    return cluster


@pytest.fixture(scope="module", params=["kuberay", "standalone"])
def release(request: pytest.FixtureRequest, operator: Target) -> Iterator[RayRelease]:
    """A cluster of each mode, with GCS fault tolerance and a Redis in the same namespace."""
    release = RayRelease(f"ray-{request.param}")
    values = merge(
        merge(SMALL, NAMED), {"mode": request.param, "gcsFaultTolerance": {"enabled": True}}
    )
    with beside_redis(release):
        release.kubectl("apply", "-f", "-", stdin=json.dumps(QUOTA))
        release.deploy(values)
        release.wait_for_nodes(heads=1, workers=1)
        yield release


@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.__name__)
def test_a_ray_cluster_of_each_mode_passes_the_tests_of_cases_py(
    release: RayRelease, case: Callable[[RayRelease], None]
) -> None:
    release.wait_for_nodes(heads=1, workers=1)
    case(release)


@pytest.mark.parametrize("release", ["kuberay"], indirect=True)
def test_pods_of_the_operator_equal_those_that_tests_without_a_cluster_build(
    release: RayRelease,
) -> None:
    [cluster] = release.get("rayclusters")
    pods = kuberay.build_pods(cluster["spec"])
    for expected, selector in zip(pods, (HEADS, WORKERS), strict=True):
        created = release.get("pods", selector)[0]["spec"]
        assert _summarize(created) == _summarize(expected["spec"])


def _summarize(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of each container that tests without a cluster check."""
    return {
        container["name"]: (
            container["resources"],
            container["securityContext"],
            {m["mountPath"] for m in container["volumeMounts"]},
            {word for word in " ".join(container.get("args", [])).split() if "port" in word},
        )
        for container in [*spec["containers"], *spec.get("initContainers", [])]
    }


def test_serve_and_workers_survive_a_killed_head(release: RayRelease) -> None:
    release.wait_for_nodes(heads=1, workers=1)
    release.wait_for_result(release.start_ray_client("ray_deploy.py"))
    worker = release.get("pods", WORKERS)[0]
    address = worker["status"]["podIP"]
    urls = {"worker": f"http://{address}:8000/n", "head": "http://ray-cluster-head-svc:8000/n"}
    through_worker, through_head = (
        release.start_ray_client("ray_request.py", URL=url, SECONDS="150") for url in urls.values()
    )
    for client in (through_worker, through_head):
        wait("a response", lambda client=client: "answered" in client.read_log())  # type: ignore[misc]
    start = time.monotonic()
    name = release.get("pods", HEADS)[0]["metadata"]["name"]
    release.kubectl("delete", "pod", name, "--grace-period=0", "--force")
    release.wait_for_nodes(heads=1, workers=1)
    seconds = time.monotonic() - start
    by_worker, by_head = (
        release.wait_for_result(through_worker),
        release.wait_for_result(through_head),
    )
    mode = release.values["mode"]
    print(f"{mode}: head killed, Ready after {seconds:.0f} s; requests to a worker: {by_worker}")
    print(f"{mode}: requests to the head's Service: {by_head}")
    after = release.get("pods", WORKERS)[0]
    assert after["metadata"]["uid"] == worker["metadata"]["uid"], "the worker was replaced"
    assert by_worker["failed"] == 0, "requests to Serve on the worker failed"
    assert by_head["answered"] > 0


def test_an_upgrade_replaces_running_nodes(release: RayRelease) -> None:
    before = release.list_uids(NODES)
    changed = {"extraEnv": [{"name": "CHANGED", "value": "yes"}]}
    memory = {"workers": {"resources": {"limits": {"memory": "2200Mi"}}}}
    release.deploy(merge(release.values, merge(changed, memory)))

    def are_replaced() -> bool:
        pods = release.list_ready()
        ray = [pod["spec"]["containers"][0] for pod in pods]
        limits = {c["resources"]["limits"]["memory"] for c in ray}
        new = not before & {pod["metadata"]["uid"] for pod in pods}
        return len(pods) == 2 and new and limits == {"3Gi", "2200Mi"}

    wait("new nodes", are_replaced, 420)


@pytest.fixture(scope="module")
def scaled(operator: Target) -> Iterator[RayRelease]:
    """A cluster with the autoscaler, in a namespace with a ResourceQuota."""
    release = RayRelease("ray-scaled")
    values = merge(
        SMALL,
        {
            "mode": "kuberay",
            "head": {"rayResources": {"disk $HOME": "2"}},
            "autoscaling": {
                "enabled": True,
                "idleTimeoutSeconds": 20,
                "resources": {
                    "requests": {"cpu": "50m", "memory": "256Mi"},
                    "limits": {"cpu": "500m", "memory": "512Mi"},
                },
            },
            "workers": {"replicas": 1, "minReplicas": 1, "maxReplicas": 2},
        },
    )
    with release:
        release.kubectl("create", "namespace", "ray-scaled")
        release.kubectl("apply", "-f", "-", stdin=json.dumps(QUOTA))
        release.deploy(values)
        release.wait_for_nodes(heads=1, workers=1)
        yield release


def test_the_autoscaler_adds_a_worker_for_pending_tasks_and_removes_it(scaled: RayRelease) -> None:
    cases.check_that_every_pod_is_restricted(scaled)
    start = time.monotonic()
    client = scaled.start_ray_client("ray_retry.py", TASKS="4", SECONDS="60")
    scaled.wait_for_nodes(heads=1, workers=2)
    print(f"second worker Ready after {time.monotonic() - start:.0f} s")
    assert scaled.wait_for_result(client)["lost"] == []
    start = time.monotonic()
    scaled.wait_for_nodes(heads=1, workers=1)
    print(f"second worker removed {time.monotonic() - start:.0f} s after the tasks")


def test_logs_of_ray_and_its_autoscaler_are_on_the_volume_with_a_size_limit(
    scaled: RayRelease,
) -> None:
    [head] = scaled.list_ready(HEADS)
    volumes = {volume["name"]: volume for volume in head["spec"]["volumes"]}
    assert "ray-logs" not in volumes
    assert volumes["scratch"]["emptyDir"]["sizeLimit"] == "10Gi"
    for container in ("ray-head", "autoscaler"):
        where = ["exec", head["metadata"]["name"], "-c", container, "--"]
        logs = scaled.kubectl(*where, "ls", "/tmp/ray/session_latest/logs").split()  # noqa: S108
        assert {"gcs_server.out", "monitor.log"} <= {*logs}, f"{container}: {logs}"


def test_helm_upgrades_a_cluster_that_the_autoscaler_changed(scaled: RayRelease) -> None:
    scaled.deploy(merge(scaled.values, {"autoscaling": {"idleTimeoutSeconds": 30}}))
    [cluster] = scaled.get("rayclusters")
    assert cluster["spec"]["autoscalerOptions"]["idleTimeoutSeconds"] == 30


def test_the_autoscaler_v1_runs_if_the_values_set_it(scaled: RayRelease) -> None:
    before = scaled.list_uids(HEADS)
    scaled.deploy(merge(scaled.values, {"autoscaling": {"version": "v1"}}))
    wait("a new head", lambda: not before & scaled.list_uids(HEADS), 300)
    scaled.wait_for_nodes(heads=1, workers=1)
    [head] = scaled.list_ready(HEADS)
    script = (
        "import ray; ray.init(); from ray.autoscaler.v2.utils import is_autoscaler_v2; "
        "print(is_autoscaler_v2(fetch_from_server=True))"
    )
    where = ["exec", head["metadata"]["name"], "-c", "ray-head", "--"]
    assert scaled.kubectl(*where, "python3", "-c", script).split()[-1] == "False"
