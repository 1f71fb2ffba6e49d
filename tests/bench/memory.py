"""Benchmark of the idle release: memory of each component beside its requests and limits.

    python -m tests.bench.memory [--write]

Run the benchmark after `tools/up`, when the release is idle.
"""

import json
from collections import defaultdict

from lightkube.resources.core_v1 import Pod
from tests.bench.report import report, table

from carbon.charts.quantities import parse_quantity
from carbon.cluster.access import kubectl
from carbon.platform.target import RELEASE, get_target

MIB = 2**20


def _sum_resources(pod: Pod) -> tuple[float, float]:
    """Return the memory requests and memory limits of all containers of a pod, in bytes."""
    resources = [c.resources for c in (pod.spec.containers if pod.spec else []) if c.resources]
    requests = sum(parse_quantity((r.requests or {}).get("memory", "0")) for r in resources)
    limits = sum(parse_quantity((r.limits or {}).get("memory", "0")) for r in resources)
    return float(requests), float(limits)


def main() -> None:
    """Read the working set of each pod from the kubelet and report MiB per component."""
    target = get_target(None)
    stats = json.loads(kubectl("get", "--raw", "/api/v1/nodes/carbon/proxy/stats/summary"))
    used = {
        p["podRef"]["name"]: p["memory"]["workingSetBytes"]
        for p in stats["pods"]
        if p["podRef"]["namespace"] == target.namespace and "memory" in p
    }
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0])
    pods = target.client.list(
        Pod, namespace=target.namespace, labels={"app.kubernetes.io/instance": RELEASE}
    )
    for pod in pods:
        if not (pod.metadata and pod.spec and pod.status and pod.status.phase == "Running"):
            continue
        figures = [1, used[pod.metadata.name or ""], *_sum_resources(pod)]
        for name in ((pod.metadata.labels or {})["app"], "all"):
            rows[name] = [a + b for a, b in zip(rows[name], figures, strict=True)]
    lines = [
        [name, int(count), *(f"{figure / MIB:.0f}" for figure in figures)]
        for name, (count, *figures) in sorted(rows.items(), key=lambda row: row[0] == "all")
    ]
    head = ("component", "pods", "working set, MiB", "request, MiB", "limit, MiB")
    report("memory", table(head, lines))


if __name__ == "__main__":
    main()
