"""Queries to Prometheus, Velero, MLflow and Feast."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.live.support import JSON, Release, wait

from carbon import externals
from carbon.cluster.layout import layout
from carbon.demo.steps import ZONES
from carbon.process import run

NAMESPACE = "watched"
FEATURES = ["load:load_gw", "load:load_mean_24h_gw", "prices:price_24h_ago"]
PROMETHEUS = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1"


def query_prometheus(release: Release, what: str, **parameters: str) -> Any:
    """Return `data` of a response of Prometheus's API at a path such as targets or query."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    answer: JSON = json.loads(release.kubectl("get", "--raw", f"{PROMETHEUS}/{what}{query}"))
    assert answer["status"] == "success", answer
    return answer["data"]


def query_history(release: Release, query: str) -> list[JSON]:
    """Return the series of a query in the last hour, with one sample per minute."""
    now = time.time()
    times = {"start": f"{now - 3600:.0f}", "end": f"{now:.0f}", "step": "60"}
    found: list[JSON] = query_prometheus(release, "query_range", query=query, **times)["result"]
    return found


def run_velero(*args: str) -> str:
    """Run the command `velero`; return the output."""
    where = ["--kubeconfig", str(layout().kubeconfig), "--namespace", "velero"]
    return run([externals.ensure_program("velero"), *where, *args], timeout=600)


def read_phase(release: Release, kind: str, name: str) -> str:
    """Return the phase of a Backup or Restore, with its errors."""
    obj: JSON = json.loads(release.kubectl("get", kind, name, "-n", "velero", "-o", "json"))
    status = obj.get("status", {})
    errors = {k: status[k] for k in ("validationErrors", "failureReason", "errors") if k in status}
    return f"{status.get('phase', 'New')} {errors or ''}".strip()


def run_drill(release: Release) -> JSON:
    """Run a restore drill as the Job `drill-now`; return the Job when it has ended."""
    release.kubectl("create", "job", "drill-now", "--from=cronjob/backup-drill")

    def read_job() -> JSON:
        job: JSON = json.loads(release.kubectl("get", "job", "drill-now", "-o", "json"))
        return job

    def has_ended() -> bool:
        return any(c["status"] == "True" for c in read_job()["status"].get("conditions", []))

    wait("the end of the drill", has_ended, 900)
    return read_job()


def collect_data(release: Release) -> JSON:
    """Return the runs and models of MLflow, and the newest value of each feature for each zone."""
    found: JSON = release.start_client("list_data.py").wait_for_json()
    request = {"features": FEATURES, "entities": {"zone": list(ZONES)}}
    answer = json.loads(call_feast(release, "get-online-features", request))
    names, results = answer["metadata"]["feature_names"], answer["results"]
    columns = {name: one["values"] for name, one in zip(names, results, strict=True)}
    return found | {"features": columns}


def call_feast(release: Release, path: str, body: JSON) -> str:
    """POST a body to a feature server; return the answer."""
    call = ("curl", "-sS", "--fail", "--json", json.dumps(body), f"http://localhost:6566/{path}")
    return release.kubectl("exec", "deployment/feast-server", "-c", "feast-server", "--", *call)
