"""What Prometheus knows, what Velero's own client says, and what the platform keeps."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.live.support import JSON, Release

from carbon import externals
from carbon.cluster.layout import layout
from carbon.demo.steps import ZONES
from carbon.process import run

NAMESPACE = "watched"
FEATURES = ["load:load_gw", "load:load_mean_24h_gw", "prices:price_24h_ago"]
PROMETHEUS = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1"


def ask(release: Release, what: str, **parameters: str) -> Any:
    """The `data` that Prometheus answers to a call of its API, such as targets or query."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    answer: JSON = json.loads(release.kubectl("get", "--raw", f"{PROMETHEUS}/{what}{query}"))
    assert answer["status"] == "success", answer
    return answer["data"]


def history(release: Release, query: str) -> list[JSON]:
    """The series that a query returned at any time of the last hour, minute by minute."""
    now = time.time()
    times = {"start": f"{now - 3600:.0f}", "end": f"{now:.0f}", "step": "60"}
    found: list[JSON] = ask(release, "query_range", query=query, **times)["result"]
    return found


def velero(*args: str) -> str:
    """Run Velero's client as people do."""
    where = ["--kubeconfig", str(layout().kubeconfig), "--namespace", "velero"]
    return run([externals.ensure_program("velero"), *where, *args], timeout=600)


def phase(release: Release, kind: str, name: str) -> str:
    """How far a Backup or Restore is; with what went wrong."""
    thing: JSON = json.loads(release.kubectl("get", kind, name, "-n", "velero", "-o", "json"))
    status = thing.get("status", {})
    wrong = {k: status[k] for k in ("validationErrors", "failureReason", "errors") if k in status}
    return f"{status.get('phase', 'New')} {wrong or ''}".strip()


def everything(release: Release) -> JSON:
    """What MLflow keeps, and the newest features by name: a server answers in any order."""
    found: JSON = json.loads(release.client("remember.py").result().splitlines()[-1])
    asked = {"features": FEATURES, "entities": {"zone": list(ZONES)}}
    answered = json.loads(feast(release, "get-online-features", asked))
    names, results = answered["metadata"]["feature_names"], answered["results"]
    columns = {name: one["values"] for name, one in zip(names, results, strict=True)}
    return found | {"features": columns}


def feast(release: Release, path: str, body: JSON) -> str:
    """What a feature server answers to a call."""
    call = ("curl", "-sS", "--fail", "--json", json.dumps(body), f"http://localhost:6566/{path}")
    return release.kubectl("exec", "deployment/feast-server", "-c", "feast-server", "--", *call)
