"""Memory of the idle platform, by component against its requests and limits.

Run it with the platform up and idle: python -m tests.bench.memory [--write]
"""

import json
from collections import defaultdict

from lightkube.resources.core_v1 import Pod
from tests.bench.report import report, table

from carbon.cluster.access import kubectl
from carbon.platform.target import RELEASE, local

MIB = 2**20
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def quantity(text: str) -> float:
    """A memory quantity, in bytes."""
    return float(text[:-2]) * UNITS[text[-2:]] if text[-2:] in UNITS else float(text)


def _reserved(pod: Pod) -> tuple[float, float]:
    """What the pod's containers request, and their limits."""
    resources = [c.resources for c in (pod.spec.containers if pod.spec else []) if c.resources]
    requests = sum(quantity((r.requests or {}).get("memory", "0")) for r in resources)
    limits = sum(quantity((r.limits or {}).get("memory", "0")) for r in resources)
    return requests, limits


def main() -> None:
    """Read the kubelet's own figures (working set, in bytes) and print MiB."""
    target = local()
    stats = json.loads(kubectl("get", "--raw", "/api/v1/nodes/carbon/proxy/stats/summary"))
    used = {
        p["podRef"]["name"]: p["memory"]["workingSetBytes"]
        for p in stats["pods"]
        if p["podRef"]["namespace"] == target.namespace and "memory" in p
    }
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0])
    mine = target.client.list(
        Pod, namespace=target.namespace, labels={"app.kubernetes.io/instance": RELEASE}
    )
    for pod in mine:
        if not (pod.metadata and pod.spec and pod.status and pod.status.phase == "Running"):
            continue
        figures = [1, used[pod.metadata.name or ""], *_reserved(pod)]
        for name in ((pod.metadata.labels or {})["app"], "all"):
            rows[name] = [a + b for a, b in zip(rows[name], figures, strict=True)]
    lines = [
        [name, int(pods), *(f"{figure / MIB:.0f}" for figure in figures)]
        for name, (pods, *figures) in sorted(rows.items(), key=lambda row: row[0] == "all")
    ]
    head = ("component", "pods", "used when idle, MiB", "requested, MiB", "limit, MiB")
    report("memory", table(head, lines))


if __name__ == "__main__":
    main()
