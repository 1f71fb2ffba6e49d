"""Benchmark of feature reads: the chart's server beside the same image started in other ways.

    python -m tests.bench.feast [--write]

A round measures every server once, one after the other. A ratio compares two servers of one round;
the table has the median of all rounds. All servers have the same limits and read the same value
from the same Redis. SERVERS describes them. The last row is the chart's server at half of its
highest rate, without the other servers, which refresh their registries on the same cores. Its p99
of /health has to be below 50 ms.
"""

import base64
from statistics import median
from typing import Any

import yaml
from tests.bench.report import report, table
from tests.live.own_cluster import start_cluster
from tests.live.support import Release

from carbon.home import ROOT

ROUNDS, SECONDS, CONNECTIONS = 5, 10, 8
SERVERS = {
    "chart": "the chart's Deployment with one replica",
    "plain": "a pod with the chart's command",
    "two workers": "a pod with the chart's command and `--workers=2`",
    "upstream": "a pod with `feast serve -h 0.0.0.0` and Feast's defaults, as in Feast's own chart",
}
VALUES = ROOT / "tests" / "live" / "feast.yaml"
FEATURE = {"FEATURE": "prices:price", "KEY": "zone", "ID": "DE-LU"}
PUSH = {"SOURCE": "prices_pushed", "COLUMN": "price", "TIME": "hour", "VALUE": "81.5"}
JSON = dict[str, Any]


def main() -> None:
    """Install the chart, measure all servers, report a table."""
    one = ("--set", "feast.replicas=1,feast.grpc.enabled=false")
    with start_cluster(), Release("feast-bench") as release:
        release.install("helm", "--values", str(VALUES), *one)
        env = {"HOST": "feast-server", **FEATURE, **PUSH}
        release.start_client("push_features.py", "feast", **env).wait_for_output()
        report("feast", _measure_servers(release, _start_servers(release)))


def _start_servers(release: Release) -> dict[str, str]:
    """Start a pod for each server except `chart`; return name -> host:port of all servers."""
    [deployment] = release.get("deployments", "app=feast")
    [server] = release.get("pods", "app=feast,app.kubernetes.io/component=server")
    template = deployment["spec"]["template"]["spec"]
    command = template["containers"][0]["command"]
    [config] = [c for c in release.get("configmaps") if c["metadata"]["name"] == "feast"]
    pods = {
        "plain": _build_pod("plain", template, command, {}),
        "two workers": _build_pod("two-workers", template, [*command, "--workers=2"], {}),
        "upstream": _build_pod(
            "upstream",
            template,
            ["python", "/scripts/run.py", "serve", "-h", "0.0.0.0"],  # noqa: S104
            {"FEATURE_STORE_YAML_BASE64": _restore_defaults(config["data"]["feature_store.yaml"])},
        ),
    }
    release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(pods.values()))
    addresses = {"chart": f"{server['status']['podIP']}:6566"}
    for name, pod in pods.items():
        pod_name = pod["metadata"]["name"]
        release.kubectl("wait", "--for=condition=Ready", f"pod/{pod_name}", "--timeout=5m")
        host = release.kubectl("get", "pod", pod_name, "-o", "jsonpath={.status.podIP}")
        addresses[name] = f"{host}:6566"
    return addresses


def _build_pod(name: str, template: JSON, command: list[str], env: dict[str, str]) -> JSON:
    """Return a pod with the image, the limits and the files of the chart's server."""
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


def _restore_defaults(config: str) -> str:
    """Remove the registry settings of the chart from feature_store.yaml; return it in base64."""
    store: JSON = yaml.safe_load(config)
    for key in ("cache_mode", "cache_ttl_seconds", "schema_mode", "sqlalchemy_config_kwargs"):
        store["registry"].pop(key, None)
    return base64.b64encode(yaml.safe_dump(store).encode()).decode()


def _measure_servers(release: Release, servers: dict[str, str]) -> str:
    """Run all rounds; return the text and the table of the report."""
    runs: dict[str, list[JSON]] = {name: [] for name in servers}
    env = {"SECONDS": str(SECONDS), "CONNECTIONS": str(CONNECTIONS), **FEATURE}

    def measure(name: str, what: str, **more: str) -> JSON:
        target = servers[name]
        client = release.start_client("load_features.py", "feast", TARGET=target, **env, **more)
        measured: JSON = client.wait_for_json()
        print(f"{what}, {name}: {measured}", flush=True)
        return measured

    for number in range(ROUNDS + 1):
        order = list(servers)[number % len(servers) :] + list(servers)[: number % len(servers)]
        for name in order:
            measured = measure(name, f"round {number}")
            if number:  # round 0 warms up the servers
                runs[name].append(measured)
    rate = f"{median(run['per second'] for run in runs['chart']) / 2:.1f}"
    stopped = [name.replace(" ", "-") for name in servers if name != "chart"]
    release.kubectl("delete", "pod", *stopped)
    half = [measure("chart", f"{rate} reads per second", RATE=rate) for _ in range(ROUNDS)]
    keys = ("per second", "p50", "p99", "health p50", "health p99", "failed")
    rows = []
    for name, others in runs.items():
        ratio = median(
            chart["per second"] / other["per second"]
            for chart, other in zip(runs["chart"], others, strict=True)
        )
        rows.append(
            [name, *(f"{median(run[key] for run in others):g}" for key in keys), f"{ratio:.2f}"]
        )
    rows.append(
        ["chart, half rate", *(f"{median(run[key] for run in half):g}" for key in keys), ""]
    )
    head = (
        *("server", "reads per second", "p50, ms", "p99, ms", "/health p50, ms", "/health p99, ms"),
        *("failed", "reads of the chart ÷ reads of this server"),
    )
    about = (
        f"Medians of {ROUNDS} rounds. A round reads from each server in turn for {SECONDS} s over "
        f"{CONNECTIONS} connections. The server, Redis and the client share 2 cores.\n\n"
    )
    about += "".join(f"- {name}: {text}\n" for name, text in SERVERS.items())
    about += "- chart, half rate: the chart's Deployment alone, at half of its reads per second\n"
    return f"{about}\n{table(head, rows)}"


if __name__ == "__main__":
    main()
