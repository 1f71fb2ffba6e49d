"""Reads of features from the chart's server and from the same image started otherwise.

    python -m tests.bench.feast [--write]

Each round loads every server once, in turn; ratios are those of one round, and their median counts.
All have the same limits and read the same value from the same Redis:

- chart: the Deployment of the chart, one replica
- plain: a bare pod with the chart's command
- two workers: the same with --workers=2
- upstream: as Feast's own chart starts it, with `feast serve -h 0.0.0.0` and Feast's defaults
"""

import base64
import json
from statistics import median
from typing import Any

import yaml
from tests.bench.report import report, table
from tests.live.support import RELEASE, Release

from carbon.cluster import access, lifecycle
from carbon.home import ROOT

ROUNDS, SECONDS, CONNECTIONS = 5, 10, 8
VALUES = ROOT / "tests" / "live" / "feast.yaml"
FEATURE = {"FEATURE": "prices:price", "KEY": "zone", "ID": "DE-LU"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour", "VALUE": "81.5"}
JSON = dict[str, Any]


def main() -> None:
    """Install, load, print a table."""
    was_up = access.running() is not None
    lifecycle.up("core")
    release = Release("feast-bench")
    one = ("--set", "feast.replicas=1,feast.grpc.enabled=false")
    try:
        release.install("helm", "--values", str(VALUES), *one)
        release.client("push_features.py", "feast", HOST="feast-server", **FEATURE, **PUSH).result()
        report("feast", _measured(release, _servers(release)))
    finally:
        release.helm("helm", "uninstall", RELEASE, "--wait")
        release.delete_namespace()
        if not was_up:
            lifecycle.stop()


def _servers(release: Release) -> dict[str, str]:
    """Start the pods; names to addresses."""
    [deployment] = release.get("deployments", "app=feast")
    [mine] = release.get("pods", "app=feast,app.kubernetes.io/component=server")
    template = deployment["spec"]["template"]["spec"]
    command = template["containers"][0]["command"]
    [config] = [c for c in release.get("configmaps") if c["metadata"]["name"] == "feast"]
    started = {
        "plain": _pod("plain", template, command, {}),
        "two workers": _pod("two-workers", template, [*command, "--workers=2"], {}),
        "upstream": _pod(
            "upstream",
            template,
            ["python", "/scripts/run.py", "serve", "-h", "0.0.0.0"],  # noqa: S104
            {"FEATURE_STORE_YAML_BASE64": _defaults(config["data"]["feature_store.yaml"])},
        ),
    }
    release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(started.values()))
    addresses = {"chart": f"{mine['status']['podIP']}:6566"}
    for name, pod in started.items():
        called = pod["metadata"]["name"]
        release.kubectl("wait", "--for=condition=Ready", f"pod/{called}", "--timeout=5m")
        where = release.kubectl("get", "pod", called, "-o", "jsonpath={.status.podIP}")
        addresses[name] = f"{where}:6566"
    return addresses


def _pod(name: str, template: JSON, command: list[str], env: dict[str, str]) -> JSON:
    """A bare pod of the server's image, limits and files, and nothing else of the chart."""
    container = {k: template["containers"][0][k] for k in ("image", "resources", "securityContext")}
    container |= {"name": "server", "command": command}
    container["env"] = [*template["containers"][0]["env"]]
    container["env"] += [{"name": k, "value": v} for k, v in env.items()]
    container["volumeMounts"] = template["containers"][0]["volumeMounts"]
    container["readinessProbe"] = {"httpGet": {"path": "/health", "port": 6566}}
    spec = {k: template[k] for k in ("securityContext", "volumes")}
    spec |= {"containers": [container], "enableServiceLinks": False}
    spec["automountServiceAccountToken"] = False
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def _defaults(config: str) -> str:
    """The configuration with Feast's own defaults for what the chart chooses, in base64."""
    written: JSON = yaml.safe_load(config)
    for key in ("cache_mode", "cache_ttl_seconds", "schema_mode", "sqlalchemy_config_kwargs"):
        written["registry"].pop(key, None)
    return base64.b64encode(yaml.safe_dump(written).encode()).decode()


def _measured(release: Release, servers: dict[str, str]) -> str:
    runs: dict[str, list[JSON]] = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        order = list(servers)[number % len(servers) :] + list(servers)[: number % len(servers)]
        for name in order:
            env = {"SECONDS": str(SECONDS), "CONNECTIONS": str(CONNECTIONS), **FEATURE}
            client = release.client("load_features.py", "feast", TARGET=servers[name], **env)
            counted = json.loads(client.result().splitlines()[-1])
            print(f"round {number}, {name}: {counted}", flush=True)
            if number:  # the first one warms up
                runs[name].append(counted)
    keys = ("per second", "p50", "p99", "health p50", "health p99", "failed")
    rows = []
    for name, found in runs.items():
        ratio = median(
            mine["per second"] / other["per second"]
            for mine, other in zip(runs["chart"], found, strict=True)
        )
        rows.append(
            [name, *(f"{median(run[key] for run in found):g}" for key in keys), f"{ratio:.2f}"]
        )
    head = (
        *("server", "reads a second", "p50, ms", "p99, ms", "/health p50, ms", "/health p99, ms"),
        *("failed", "chart's reads to its"),
    )
    about = (
        f"Medians of {ROUNDS} paired rounds of {SECONDS} s with {CONNECTIONS} connections; "
        "server, Redis and load share two cores:\n\n"
    )
    return about + table(head, rows)


if __name__ == "__main__":
    main()
