"""How fast the chart's servers log, against a plain pod of the same image with the same limits.

    python -m tests.bench.logging_speed [--write]

Both use the same database and store, and take turns, so that what else the machine does meets both
alike. Then a second server joins the first.
"""

import json
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from tests.bench.report import report, table
from tests.live.support import RELEASE, Release

from carbon.cluster import access, lifecycle

SMALL = Path(__file__).parents[1] / "live" / "options" / "small.yaml"
ROUNDS, SECONDS, THREADS = 7, 15, 4
Rounds = list[dict[str, dict[str, float]]]


def plain(release: Release) -> list[dict[str, Any]]:
    """The server's image, limits and environment, with nothing of the chart around them."""
    [deployment] = release.get("deployments", "app=mlflow")
    spec = deployment["spec"]["template"]["spec"]
    [server] = spec["containers"]
    needed = {"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "MLFLOW_BACKEND_STORE_URI"}
    env = [e for e in server["env"] if e["name"] in needed or e["name"].startswith("AWS_")]
    env += [e for e in server["env"] if "S3_ENDPOINT" in e["name"] or "DESTINATION" in e["name"]]
    container = {key: server[key] for key in ("image", "resources", "securityContext")} | {
        "name": "server",
        "command": ["mlflow", "server", "--host=0.0.0.0", "--workers=1", "--allowed-hosts=*"],
        "env": [*env, {"name": "HOME", "value": "/tmp"}],  # noqa: S108
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
        "readinessProbe": {"httpGet": {"path": "/health", "port": 5000}},
    }
    pod = {
        "securityContext": spec["securityContext"],
        "enableServiceLinks": False,
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    name = {"name": "plain", "labels": {"app": "plain"}}
    service = {"selector": {"app": "plain"}, "ports": [{"port": 5000}]}
    return [
        {"apiVersion": "v1", "kind": "Pod", "metadata": name, "spec": pod},
        {"apiVersion": "v1", "kind": "Service", "metadata": name, "spec": service},
    ]


def measure(release: Release, servers: dict[str, str]) -> Rounds:
    """Rounds of measurements by one client in a pod."""
    client = release.client(
        "log_metrics.py",
        SERVERS=json.dumps(servers),
        ROUNDS=str(ROUNDS),
        SECONDS=str(SECONDS),
        THREADS=str(THREADS),
    )
    rounds: Rounds = json.loads(client.result(patience=1800).splitlines()[-1])
    return rounds


def row(name: str, rounds: Rounds, key: str, base: str) -> list[object]:
    """Medians of what was measured, and the median of its ratio to `base` in the same round."""
    rate = median(r[key]["rate"] for r in rounds)
    p99 = median(r[key]["p99"] for r in rounds)
    ratio = median(r[key]["rate"] / r[base]["rate"] for r in rounds)
    late = median(r[key]["p99"] / r[base]["p99"] for r in rounds)
    return [name, f"{rate:.0f}", f"{ratio:.2f}", f"{p99:.0f} ms", f"{late:.2f}"]


def main() -> None:
    """Install, measure, print, and take it all away again."""
    release = Release("bench-logging")
    was_up = access.running() is not None
    lifecycle.up("core")
    both = {"plain": "http://plain:5000", "chart": "http://mlflow:5000"}
    try:
        release.install("helm", "--values", str(SMALL))
        release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(plain(release)))
        release.kubectl("wait", "--for=condition=Ready", "pod/plain", "--timeout=3m")
        one = measure(release, both)
        release.kubectl("scale", "deployment/mlflow", "--replicas=2")
        release.kubectl("rollout", "status", "deployment/mlflow", "--timeout=3m")
        two = measure(release, both)
    finally:
        release.helm("helm", "uninstall", RELEASE, "--wait")
        release.delete_namespace()
        if not was_up:
            lifecycle.stop()
    head = ("servers", "metrics a second", "ratio", "p99", "ratio")
    rows = [
        row("a plain pod", one, "plain", "plain"),
        row("one of the chart's", one, "chart", "plain"),
        row("two of the chart's", two, "chart", "plain"),
    ]
    about = f"{THREADS} clients, medians of {ROUNDS} rounds of {SECONDS} s in turn, on 2 cores:\n\n"
    report("logging", about + table(head, rows))


if __name__ == "__main__":
    main()
