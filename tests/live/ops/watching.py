"""What Prometheus knows, and what Velero's own client says."""

import json
from typing import Any
from urllib.parse import urlencode

from tests.live.support import JSON, Release

from carbon import externals
from carbon.cluster.layout import layout
from carbon.process import run

NAMESPACE = "watched"
PROMETHEUS = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1"


def ask(release: Release, what: str, **parameters: str) -> Any:
    """The `data` that Prometheus answers to a call of its API, such as targets or query."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    answer: JSON = json.loads(release.kubectl("get", "--raw", f"{PROMETHEUS}/{what}{query}"))
    assert answer["status"] == "success", answer
    return answer["data"]


def series(release: Release, query: str) -> list[JSON]:
    """The series that a query returns."""
    found: list[JSON] = ask(release, "query", query=query)["result"]
    return found


def velero(*args: str) -> str:
    """Run Velero's client as people do."""
    where = ["--kubeconfig", str(layout().kubeconfig), "--namespace", "velero"]
    return run([externals.path("velero"), *where, *args], timeout=600)


def phase(release: Release, kind: str, name: str) -> str:
    """How far a Backup or Restore is; with what went wrong."""
    thing: JSON = json.loads(release.kubectl("get", kind, name, "-n", "velero", "-o", "json"))
    status = thing.get("status", {})
    wrong = {k: status[k] for k in ("validationErrors", "failureReason", "errors") if k in status}
    return f"{status.get('phase', 'New')} {wrong or ''}".strip()
