"""Benchmark of a Ray task's round trip: the chart's cluster beside a plain pod with `ray start`.

    python -m tests.bench.ray [--write]

Run the benchmark after `tools/up`, when the release is idle. Each pair measures the plain
pod first, then the chart's head, with a process in that pod. The quotient chart ÷ plain of a
pair shows the overhead of the chart.
"""

import json
import statistics
from typing import Any

import yaml
from tests.bench.report import report, table

from carbon.cluster.access import kubectl
from carbon.platform.target import get_target

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


def build_plain(head: dict[str, Any]) -> dict[str, Any]:
    """Return a pod that runs a plain `ray start`, with image and limits of the chart's head."""
    container = head["spec"]["containers"][0]
    keys = ("image", "resources", "securityContext", "volumeMounts")
    command = ["ray", "start", "--head", "--block", "--num-cpus=0"]
    home = [{"name": "HOME", "value": "/tmp"}]  # noqa: S108
    ray = {k: container[k] for k in keys} | {"name": "ray", "command": command, "env": home}
    spec = {k: head["spec"][k] for k in ("securityContext", "volumes")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": PLAIN},
        "spec": spec | {"containers": [ray], "automountServiceAccountToken": False},
    }


def main() -> None:
    """Report the median round trips of each pair in microseconds, and the median of the ratios."""
    namespace = get_target(None).namespace
    where = ("-n", namespace)
    head: dict[str, Any] = json.loads(
        kubectl(*where, "get", "pod", "ray-cluster-head-0", "-o", "json")
    )
    kubectl(*where, "apply", "-f", "-", stdin=yaml.safe_dump(build_plain(head)))
    try:
        kubectl(*where, "wait", "--for=condition=Ready", f"pod/{PLAIN}", "--timeout=50s")
        pairs = [
            [_measure(where, pod) for pod in (PLAIN, "ray-cluster-head-0")] for _ in range(PAIRS)
        ]
    finally:
        kubectl(*where, "delete", "pod", PLAIN, "--grace-period=0", "--force")
    ratios = [chart / plain for plain, chart in pairs]
    rows = [
        [f"{plain * 1e6:.0f}", f"{chart * 1e6:.0f}", f"{ratio:.2f}"]
        for (plain, chart), ratio in zip(pairs, ratios, strict=True)
    ]
    about = (
        "Median round trip of a task, in pairs: a pod with plain `ray start`, the chart's head.\n\n"
    )
    columns = ("plain `ray start`, µs", "chart, µs", "chart ÷ plain")
    last = ["", "median", f"{statistics.median(ratios):.2f}"]
    report("ray", about + table(columns, [*rows, last]))


def _measure(where: tuple[str, str], pod: str) -> float:
    """Wait until Ray runs in the pod; return the median round trip in seconds."""
    script = f"until ray status >/dev/null 2>&1; do sleep 1; done; python -c '{MEASURE}'"
    output = kubectl(*where, "exec", pod, "--", "bash", "-c", script)
    return float(output.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
