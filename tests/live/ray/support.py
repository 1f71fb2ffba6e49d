"""A Ray cluster of mode standalone or kuberay in its own namespace, and its client pods."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.live.support import RELEASE, Client, Release, is_ready, wait

from carbon import images
from carbon.cluster import access, lifecycle

HEAD = "ray-cluster-head-svc"
NODES = "app=ray-cluster"
HEADS = f"{NODES},app.kubernetes.io/component=head"
WORKERS = f"{NODES},app.kubernetes.io/component=cpu"
AWKWARD = ("it's $HOME", 'a "b" \\c', "; exit 1", "`id` & *")
"""Names of custom resources that a shell would change."""
SMALL: dict[str, Any] = {
    "head": {
        "resources": {
            "requests": {"cpu": "100m", "memory": "512Mi"},
            "limits": {"cpu": "2", "memory": "3Gi"},
        },
        "sharedMemory": "256Mi",
    },
    "workers": {
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"cpu": "1", "memory": "2Gi"},
        },
        "sharedMemory": "256Mi",
    },
}
NAMED = {"head": {"rayResources": dict.fromkeys(AWKWARD, "2")}}
"""Values for the head that `check_that_names_of_resources_are_kept` needs."""


class RayRelease(Release):
    """A release of the chart ray-cluster only; `values` are the values of the last deployment."""

    values: dict[str, Any]

    def deploy(self, values: dict[str, Any]) -> None:
        """Install or upgrade the chart, and wait until the head and the workers are Ready."""
        self.values = values
        # The autoscaler also writes the list of worker groups (docs/ray-modes.md).
        force = ["--force-conflicts"] if "autoscaling" in values else []
        self.apply("charts/ray-cluster", values, *force, "--wait", "--timeout", "8m")

    def list_ready(self, selector: str = NODES) -> list[dict[str, Any]]:
        """Return the pods of Ray nodes that are Ready and are not being deleted."""
        return [pod for pod in self.get("pods", selector) if is_ready(pod)]

    def wait_for_nodes(self, heads: int, workers: int, patience: float = 420) -> None:
        """Wait until exactly these numbers of Ray nodes exist and are Ready."""

        def have_started() -> bool:
            ready = (len(self.list_ready(HEADS)), len(self.list_ready(WORKERS)))
            every = len(self.get("pods", NODES))
            return ready == (heads, workers) and every == heads + workers

        wait(f"{heads} head and {workers} workers", have_started, patience)

    def start_ray_client(self, script: str, **env: str) -> Client:
        """Start a script of `clients/` in a pod with the image of the head."""
        own = {"HEAD": HEAD, "RAY_USAGE_STATS_ENABLED": "0"}
        return RayClient(self, script, "ray-cluster", own | env)

    def wait_for_result(self, client: Client) -> dict[str, Any]:
        """Wait for a client; return its last line of JSON. Ray may print other lines after it."""
        lines = [line for line in client.wait_for_output(420).splitlines() if line.startswith("{")]
        last: dict[str, Any] = json.loads(lines[-1])
        return last


class RayClient(Client):
    """A client pod with the image of the head."""

    @property
    def _image(self) -> str:
        image: str = self.release.get("pods", HEADS)[0]["spec"]["containers"][0]["image"]
        return image


def add_operator() -> None:
    """Load the images of the tier ray and install the KubeRay operator on the local cluster."""
    images.load_archives(images.ensure_archives(images.list_needed("ray")), access.run_ctr)
    lifecycle.add("kuberay")


@contextmanager
def beside_redis(release: RayRelease, patience: float = 100) -> Iterator[None]:
    """Install Redis in the namespace of a release, for GCS fault tolerance; delete both afterwards.

    The deletion of the RayClusters may take `patience` seconds.
    """
    redis = ["--values", "charts/data-services/ci/redis-only-values.yaml"]
    try:
        stores = ["upgrade", "--install", "stores", "charts/data-services", "--create-namespace"]
        done = release.helm("helm", *stores, *redis)
        assert done.returncode == 0, done.stderr
        yield
    finally:
        release.helm("helm", "uninstall", RELEASE, "--wait")
        wait("the deletion of all nodes", lambda: not release.get("pods", NODES), 180)
        # KubeRay first deletes the clusters' keys in Redis, so Redis must still run.
        wait("the deletion of RayClusters", lambda: not release.get("rayclusters"), patience)
        release.helm("helm", "uninstall", "stores", "--wait")
        release.delete_namespace()
