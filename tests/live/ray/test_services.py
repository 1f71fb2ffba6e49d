"""RayServices: readiness of workers, upgrades under load, and the state of each cluster."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.live.ray.support import NODES, SMALL, RayRelease, add_operator, beside_redis
from tests.live.support import is_ready, wait

from carbon.charts.merging import merge
from carbon.platform.target import Target

APPLICATION = """
from ray import serve


class Number:
    def __call__(self, request):
        return "7"


app = serve.deployment(num_replicas=1, ray_actor_options={"num_cpus": 0.1})(Number).bind()
"""
NODE = {
    "extraVolumes": [{"name": "apps", "configMap": {"name": "apps"}}],
    "extraVolumeMounts": [{"name": "apps", "mountPath": "/apps"}],
}
VALUES: dict[str, Any] = merge(
    merge(SMALL, {"head": NODE, "workers": NODE}),
    {
        "mode": "kuberay",
        "gcsFaultTolerance": {"enabled": True},
        "extraEnv": [{"name": "PYTHONPATH", "value": "/apps"}],
        "workerGroups": {"cpu": {"replicas": 0}},
        "services": {
            "numbers": {
                "deletionDelaySeconds": 30,
                "workerGroups": {"numbers": {"replicas": 2}},
                "serveConfig": {
                    "applications": [
                        {"name": "numbers", "import_path": "number_app:app", "route_prefix": "/n"}
                    ]
                },
            }
        },
    },
)
URL = "http://numbers-serve-svc:8000/n"
STORAGE = "ray.io/external-storage-namespace"
TABLE = """
import ray
from ray.experimental.internal_kv import _internal_kv_get, _internal_kv_put

ray.init(log_to_driver=False)
"""
"""Start of a program that uses the key-value table of the GCS, which is in Redis."""


@pytest.fixture(scope="module")
def serving(cluster: Target) -> Iterator[RayRelease]:
    """A RayCluster without workers and a RayService with two, with GCS fault tolerance."""
    add_operator()
    release = RayRelease("ray-serving")
    apps = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "apps"}}
    with beside_redis(release, patience=200):
        numbers = apps | {"data": {"number_app.py": APPLICATION}}
        release.kubectl("apply", "-f", "-", stdin=json.dumps(numbers))
        release.deploy(VALUES)
        wait("the RayService", lambda: len(list_serving(release)) >= 1, 600)
        yield release


def list_heads(release: RayRelease) -> list[dict[str, Any]]:
    """Return the heads of all clusters, those of the RayService too."""
    return release.get("pods", f"{NODES},ray.io/node-type=head")


def list_serving(release: RayRelease) -> list[str]:
    """Return the names of the pods to which the Service of Ray Serve sends requests."""
    slices = release.get("endpointslices", "kubernetes.io/service-name=numbers-serve-svc")
    return [
        endpoint["targetRef"]["name"]
        for each in slices
        for endpoint in each.get("endpoints") or []
        if endpoint["conditions"]["ready"]
    ]


def test_a_worker_without_a_proxy_gets_no_requests(serving: RayRelease) -> None:
    def list_workers() -> list[bool]:
        return [is_ready(pod) for pod in serving.get("pods", f"{NODES},ray.io/group=numbers")]

    wait("the worker with the replica", lambda: any(list_workers()))
    client = serving.start_ray_client("ray_request.py", URL=URL, SECONDS="30")
    got = serving.wait_for_result(client)
    print(f"2 workers, 1 replica: {got}")
    assert got["answered"] > 100
    assert got["failed"] == 0
    assert sorted(list_workers()) == [False, True]


def test_each_cluster_stores_its_state_under_its_own_name(serving: RayRelease) -> None:
    names = [pod["metadata"]["annotations"][STORAGE] for pod in list_heads(serving)]
    assert len(names) == len(set(names)) == 2
    assert f"{serving.namespace}-ray-cluster" in names


def store(release: RayRelease, head: dict[str, Any]) -> None:
    """Store the name of a cluster's storage in the state of the cluster."""
    name = head["metadata"]["annotations"][STORAGE]
    run_in(release, head, f"{TABLE}_internal_kv_put('owner', {name!r}, overwrite=True)")


def read(release: RayRelease, head: dict[str, Any]) -> str:
    """Return what `store` stored in the state of a cluster, "" if there is nothing."""
    program = f"{TABLE}print('owner:', (_internal_kv_get('owner') or b'').decode())"
    return run_in(release, head, program).rpartition("owner:")[2].strip()


def run_in(release: RayRelease, head: dict[str, Any], program: str) -> str:
    where = ["exec", "-i", head["metadata"]["name"], "-c", "ray-head", "--"]
    return release.kubectl(*where, "python3", "-", stdin=program)


def list_ready_heads(release: RayRelease) -> dict[str, dict[str, Any]]:
    """Return the heads that are Ready, by their UIDs."""
    heads = release.list_ready(f"{NODES},ray.io/node-type=head")
    return {head["metadata"]["uid"]: head for head in heads}


def test_an_upgrade_of_a_rayservice_fails_no_request_and_each_cluster_keeps_its_state(
    serving: RayRelease,
) -> None:
    before = list_ready_heads(serving)
    assert len(before) == 2
    for head in before.values():
        store(serving, head)
    [own] = [
        uid
        for uid, head in before.items()
        if head["metadata"]["annotations"][STORAGE].endswith("-ray-cluster")
    ]
    client = serving.start_ray_client("ray_request.py", URL=URL, SECONDS="360")
    wait("the first response of Ray Serve", lambda: "answered" in client.read_log())
    start = time.monotonic()
    groups = {"numbers": {"replicas": 2, "podAnnotations": {"example.io/upgrade": "1"}}}
    serving.deploy(merge(serving.values, {"services": {"numbers": {"workerGroups": groups}}}))
    wait(
        "the head of the new cluster", lambda: bool(list_ready_heads(serving).keys() - before), 280
    )
    [new] = list_ready_heads(serving).keys() - before
    head = list_ready_heads(serving)[new]
    assert read(serving, head) == "", "the new cluster loaded the state of another cluster"
    store(serving, head)
    # KubeRay deletes a RayCluster only after it has erased the state of the cluster in Redis.
    wait("the deletion of the old cluster", lambda: len(serving.get("rayclusters")) == 2, 330)
    print(f"upgraded after {time.monotonic() - start:.0f} s")
    assert list_ready_heads(serving).keys() == {own, new}
    got = serving.wait_for_result(client)
    print(f"RayService upgraded: {got}")
    assert got["answered"] > 1000
    assert got["failed"] == 0
    names = [head["metadata"]["name"] for head in list_ready_heads(serving).values()]
    serving.kubectl("delete", "pod", *names, "--grace-period=0", "--force")
    wait("restarted heads", lambda: len(list_ready_heads(serving).keys() - {own, new}) == 2, 300)
    for head in list_ready_heads(serving).values():
        assert read(serving, head) == head["metadata"]["annotations"][STORAGE]
    print("both clusters loaded their own state after a restart of their heads")
