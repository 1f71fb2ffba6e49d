"""Benchmark of logging to MLflow: the chart's servers beside a plain pod of the same image.

    python -m tests.bench.logging_speed [--write]

All servers have the same limits and use the same database and S3 store. Measurements alternate
between the servers, so that other load on the machine affects all servers alike. The last
measurement has two replicas.
"""

import json
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from tests.bench.report import report, table
from tests.live.own_cluster import start_cluster
from tests.live.support import Release

SMALL = Path(__file__).parents[1] / "live" / "options" / "small.yaml"
ROUNDS, SECONDS, THREADS = 7, 15, 4
Rounds = list[dict[str, dict[str, float]]]


def build_plain(release: Release) -> list[dict[str, Any]]:
    """Return a Service and its pod, with image, limits and environment of the chart's server."""
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
    """Run all rounds from one client pod; see tests/live/clients/log_metrics.py for the result."""
    client = release.start_client(
        "log_metrics.py",
        SERVERS=json.dumps(servers),
        ROUNDS=str(ROUNDS),
        SECONDS=str(SECONDS),
        THREADS=str(THREADS),
    )
    rounds: Rounds = client.wait_for_json(patience=1800)
    return rounds


def format_row(name: str, rounds: Rounds, key: str, base: str) -> list[object]:
    """Return medians of the server `key`, and medians of the ratio to the server `base`."""
    rate = median(r[key]["rate"] for r in rounds)
    p99 = median(r[key]["p99"] for r in rounds)
    ratio = median(r[key]["rate"] / r[base]["rate"] for r in rounds)
    p99_ratio = median(r[key]["p99"] / r[base]["p99"] for r in rounds)
    return [name, f"{rate:.0f}", f"{ratio:.2f}", f"{p99:.0f} ms", f"{p99_ratio:.2f}"]


def main() -> None:
    """Install the chart, measure all servers, report a table, uninstall the chart."""
    both = {"plain": "http://plain:5000", "chart": "http://mlflow:5000"}
    with start_cluster(), Release("bench-logging") as release:
        release.install("helm", "--values", str(SMALL))
        release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(build_plain(release)))
        release.kubectl("wait", "--for=condition=Ready", "pod/plain", "--timeout=3m")
        one = measure(release, both)
        release.kubectl("scale", "deployment/mlflow", "--replicas=2")
        release.kubectl("rollout", "status", "deployment/mlflow", "--timeout=3m")
        two = measure(release, both)
    head = ("server", "metrics per second", "÷ plain pod", "p99", "÷ plain pod")
    rows = [
        format_row("plain pod", one, "plain", "plain"),
        format_row("chart, 1 replica", one, "chart", "plain"),
        format_row("chart, 2 replicas", two, "chart", "plain"),
    ]
    about = (
        f"{THREADS} clients on 2 cores, medians of {ROUNDS} rounds. A round logs to each server in "
        f"turn for {SECONDS} s; a ratio compares two servers of one round.\n\n"
    )
    report("logging", about + table(head, rows))


if __name__ == "__main__":
    main()
