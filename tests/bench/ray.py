"""Round trip of a Ray task: the chart's cluster beside a plain pod that runs `ray start`.

Run it with the platform up and idle: python -m tests.bench.ray [--write]. Both are measured by
turns, each time from a process on the head itself; the ratio of a pair says what the chart costs.
"""

import json
import statistics
from typing import Any

import yaml
from tests.bench.report import report, table

from carbon.cluster.access import kubectl
from carbon.platform.target import local

PAIRS = 7
PLAIN = "ray-plain"
MEASURE = """
import json, time, ray
ray.init(address="auto", log_to_driver=False)
task = ray.remote(num_cpus=0)(lambda: None)
ray.get([task.remote() for _ in range(20)])
times = []
for _ in range(200):
    start = time.perf_counter()
    ray.get(task.remote())
    times.append(time.perf_counter() - start)
print(json.dumps(sorted(times)[100]))
"""


def plain(head: dict[str, Any]) -> dict[str, Any]:
    """A pod of the head's image and limits that runs `ray start` with no option of the chart's."""
    container = head["spec"]["containers"][0]
    kept = ("image", "resources", "securityContext", "volumeMounts")
    command = ["ray", "start", "--head", "--block", "--num-cpus=0"]
    home = [{"name": "HOME", "value": "/tmp"}]  # noqa: S108
    ray = {k: container[k] for k in kept} | {"name": "ray", "command": command, "env": home}
    spec = {k: head["spec"][k] for k in ("securityContext", "volumes")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": PLAIN},
        "spec": spec | {"containers": [ray], "automountServiceAccountToken": False},
    }


def main() -> None:
    """Print the median round trip of each pair in microseconds, and the median of the ratios."""
    namespace = local().namespace
    where = ("-n", namespace)
    head: dict[str, Any] = json.loads(
        kubectl(*where, "get", "pod", "ray-cluster-head-0", "-o", "json")
    )
    kubectl(*where, "apply", "-f", "-", stdin=yaml.safe_dump(plain(head)))
    try:
        kubectl(*where, "wait", "--for=condition=Ready", f"pod/{PLAIN}", "--timeout=50s")
        pairs = [
            [_measured(where, pod) for pod in (PLAIN, "ray-cluster-head-0")] for _ in range(PAIRS)
        ]
    finally:
        kubectl(*where, "delete", "pod", PLAIN, "--grace-period=0", "--force")
    ratios = [ours / theirs for theirs, ours in pairs]
    rows = [
        [f"{theirs * 1e6:.0f}", f"{ours * 1e6:.0f}", f"{ratio:.2f}"]
        for (theirs, ours), ratio in zip(pairs, ratios, strict=True)
    ]
    head_row = ("plain `ray start`, µs", "the chart's head, µs", "ratio")
    middle = ["", "median", f"{statistics.median(ratios):.2f}"]
    report("ray", table(head_row, [*rows, middle]))


def _measured(where: tuple[str, str], pod: str) -> float:
    """The median round trip on a pod's Ray, in seconds; it waits until Ray is there."""
    script = f"until ray status >/dev/null 2>&1; do sleep 1; done; python -c '{MEASURE}'"
    said = kubectl(*where, "exec", pod, "--", "bash", "-c", script)
    return float(said.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
