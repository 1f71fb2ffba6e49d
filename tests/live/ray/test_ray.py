"""A Ray cluster of the operator, and faults and changes of a cluster in either mode."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.ray import cases
from tests.live.ray.support import HEADS, NODES, SMALL, WORKERS, Rays
from tests.live.support import RELEASE, wait

from carbon import images
from carbon.charts import kuberay
from carbon.charts.merging import merge
from carbon.cluster import access, lifecycle
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
    images.load(images.archives(images.needed_by("ray")), access.run_ctr)
    lifecycle.add("kuberay")
    return cluster


@pytest.fixture(scope="module", params=["kuberay", "standalone"])
def rays(
    request: pytest.FixtureRequest, operator: Target, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rays]:
    """A cluster in each mode whose head keeps its knowledge in a Redis beside it."""
    made = Rays(f"ray-{request.param}")
    made.folder = tmp_path_factory.mktemp("values")
    made.values = merge(SMALL, {"mode": request.param, "gcsFaultTolerance": {"enabled": True}})
    redis = ["--values", "charts/data-services/ci/redis-only-values.yaml"]
    try:
        stores = ["upgrade", "--install", "stores", "charts/data-services", "--create-namespace"]
        done = made.helm("helm", *stores, *redis)
        assert done.returncode == 0, done.stderr
        made.kubectl("apply", "-f", "-", stdin=json.dumps(QUOTA))
        made.deploy(made.folder, made.values)
        made.await_nodes(heads=1, workers=1)
        yield made
    finally:
        made.helm("helm", "uninstall", RELEASE, "--wait")
        wait("the end of all nodes", lambda: not made.get("pods", NODES), 180)
        # KubeRay clears Redis first, which needs Redis and the account of the head.
        wait("the end of the cluster", lambda: not made.get("rayclusters"), 100)
        made.helm("helm", "uninstall", "stores", "--wait")
        made.delete_namespace()


@pytest.mark.parametrize("holds", cases.ALL, ids=lambda case: case.__name__)
def test_in_either_mode(rays: Rays, holds: Callable[[Rays], None]) -> None:
    rays.await_nodes(heads=1, workers=1)
    holds(rays)


def test_what_is_tested_offline_is_what_the_operator_makes(rays: Rays) -> None:
    if rays.values["mode"] != "kuberay":
        pytest.skip("no operator makes these pods")
    [cluster] = rays.get("rayclusters")
    for expected, selector in zip(kuberay.pods(cluster["spec"]), (HEADS, WORKERS), strict=True):
        made = rays.get("pods", selector)[0]["spec"]
        assert _told(made) == _told(expected["spec"])


def _told(spec: dict[str, Any]) -> dict[str, Any]:
    """What the offline tests look at."""
    return {
        container["name"]: (
            container["resources"],
            container["securityContext"],
            {m["mountPath"] for m in container["volumeMounts"]},
            {word for word in " ".join(container.get("args", [])).split() if "port" in word},
        )
        for container in [*spec["containers"], *spec.get("initContainers", [])]
    }


def test_serve_and_workers_outlive_the_head(rays: Rays) -> None:
    rays.await_nodes(heads=1, workers=1)
    rays.result(rays.ask("ray_deploy.py"))
    worker = rays.get("pods", WORKERS)[0]
    address = worker["status"]["podIP"]
    through_worker = rays.ask("ray_ask.py", URL=f"http://{address}:8000/n", SECONDS="150")
    through_head = rays.ask("ray_ask.py", URL="http://ray-cluster-head-svc:8000/n", SECONDS="150")
    for client in (through_worker, through_head):
        wait("an answer", lambda client=client: "answered" in client.logs())  # type: ignore[misc]
    start = time.monotonic()
    name = rays.get("pods", HEADS)[0]["metadata"]["name"]
    rays.kubectl("delete", "pod", name, "--grace-period=0", "--force")
    rays.await_nodes(heads=1, workers=1)
    back = time.monotonic() - start
    worker_saw, head_saw = rays.result(through_worker), rays.result(through_head)
    mode = rays.values["mode"]
    print(f"{mode}: head killed, Ready again after {back:.0f} s; through a worker {worker_saw}; ")
    print(f"{mode}: through the head's Service {head_saw}")
    after = rays.get("pods", WORKERS)[0]
    assert after["metadata"]["uid"] == worker["metadata"]["uid"], "the worker did not survive"
    assert worker_saw["failed"] == 0, "Serve on the worker noticed"
    assert head_saw["answered"] > 0


def test_an_upgrade_takes_effect_on_running_nodes(rays: Rays) -> None:
    before = {pod["metadata"]["uid"] for pod in rays.get("pods", NODES)}
    changed = {"extraEnv": [{"name": "CHANGED", "value": "yes"}]}
    memory = {"workers": {"resources": {"limits": {"memory": "2200Mi"}}}}
    rays.values = merge(rays.values, merge(changed, memory))
    rays.deploy(rays.folder, rays.values)

    def replaced() -> bool:
        pods = rays.ready()
        ray = [pod["spec"]["containers"][0] for pod in pods]
        limits = {c["resources"]["limits"]["memory"] for c in ray}
        fresh = not before & {pod["metadata"]["uid"] for pod in pods}
        return len(pods) == 2 and fresh and limits == {"3Gi", "2200Mi"}

    wait("new nodes", replaced, 420)


@pytest.fixture(scope="module")
def scaled(operator: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rays]:
    """A cluster that the autoscaler scales, in a namespace with a quota."""
    made = Rays("ray-scaled")
    made.folder = tmp_path_factory.mktemp("values")
    made.values = merge(
        SMALL,
        {
            "mode": "kuberay",
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
    with made:
        made.kubectl("create", "namespace", "ray-scaled")
        made.kubectl("apply", "-f", "-", stdin=json.dumps(QUOTA))
        made.deploy(made.folder, made.values)
        made.await_nodes(heads=1, workers=1)
        yield made


def test_pending_work_adds_a_worker_and_idleness_removes_it(scaled: Rays) -> None:
    cases.every_pod_is_restricted(scaled)
    start = time.monotonic()
    client = scaled.ask("ray_retry.py", TASKS="4", SECONDS="60")
    scaled.await_nodes(heads=1, workers=2)
    print(f"a second worker after {time.monotonic() - start:.0f} s")
    assert scaled.result(client)["lost"] == []
    start = time.monotonic()
    scaled.await_nodes(heads=1, workers=1)
    print(f"it went {time.monotonic() - start:.0f} s after the work")


def test_helm_upgrades_what_the_autoscaler_changed(scaled: Rays, tmp_path: Path) -> None:
    scaled.deploy(tmp_path, merge(scaled.values, {"autoscaling": {"idleTimeoutSeconds": 30}}))
    [cluster] = scaled.get("rayclusters")
    assert cluster["spec"]["autoscalerOptions"]["idleTimeoutSeconds"] == 30
