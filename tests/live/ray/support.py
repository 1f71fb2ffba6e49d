"""A Ray cluster in a namespace of its own, in either mode, and clients of it in pods."""

import json
from pathlib import Path
from typing import Any

import yaml
from tests.live.support import RELEASE, Client, Release, wait

HEAD = "ray-cluster-head-svc"
NODES = "app=ray-cluster"
HEADS = f"{NODES},app.kubernetes.io/component=head"
WORKERS = f"{NODES},app.kubernetes.io/component=cpu"
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


class Rays(Release):
    """charts/ray-cluster alone, with `values` that tests may change; `folder` is for files."""

    values: dict[str, Any]
    folder: Path

    def deploy(self, folder: Path, values: dict[str, Any]) -> None:
        """Install or upgrade it with these values, and wait until head and workers are Ready."""
        file = folder / "values.yaml"
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        words = ["upgrade", "--install", RELEASE, "charts/ray-cluster", "--create-namespace"]
        # KubeRay and its autoscaler write the list of worker groups too (docs/ray-modes.md).
        words += ["--force-conflicts"] if values.get("mode") == "kuberay" else []
        done = self.helm("helm", *words, "--values", str(file), "--wait", "--timeout", "8m")
        assert done.returncode == 0, done.stderr

    def ready(self, selector: str = NODES) -> list[dict[str, Any]]:
        """Nodes that are Ready and do not stop."""
        return [
            pod
            for pod in self.get("pods", selector)
            if "deletionTimestamp" not in pod["metadata"]
            and any(
                c["type"] == "Ready" and c["status"] == "True"
                for c in pod["status"].get("conditions", [])
            )
        ]

    def await_nodes(self, heads: int, workers: int, patience: float = 420) -> None:
        """Wait for as many Ready nodes, and no others."""

        def there() -> bool:
            ready = (len(self.ready(HEADS)), len(self.ready(WORKERS)))
            every = len(self.get("pods", NODES))
            return ready == (heads, workers) and every == heads + workers

        wait(f"{heads} head and {workers} workers", there, patience)

    def ask(self, script: str, **env: str) -> Client:
        """A client in a pod of Ray's image."""
        own = {"HEAD": HEAD, "RAY_USAGE_STATS_ENABLED": "0"}
        return RayClient(self, script, "ray-cluster", own | env)

    def result(self, client: Client) -> dict[str, Any]:
        """The last line of JSON that a client printed; Ray's own words may follow."""
        lines = [line for line in client.result(420).splitlines() if line.startswith("{")]
        last: dict[str, Any] = json.loads(lines[-1])
        return last


class RayClient(Client):
    """A client whose image is that of the cluster's head."""

    @property
    def _image(self) -> str:
        image: str = self.release.get("pods", HEADS)[0]["spec"]["containers"][0]["image"]
        return image
