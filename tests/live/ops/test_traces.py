"""Traces: Jaeger receives the spans of Ray Serve, MLflow and Feast within the caller's trace."""

import json
from pathlib import Path
from secrets import token_hex

import httpx2
import pytest
from tests.live.ops.queries import FEATURES, NAMESPACE
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.cluster import access
from carbon.demo.steps import MODEL, ZONES, open_demo
from carbon.platform.target import get_target

INSTRUMENTED = Path(__file__).parent / "instrumented.yaml"
CALL = """
import sys, urllib.request
url, _, header = sys.argv[1:]
name, _, value = header.partition(": ")
urllib.request.urlopen(urllib.request.Request(url, headers={name: value}))
"""


def read_trace(trace: str) -> JSON:
    """Return the spans of a trace in Jaeger, and the processes that sent them."""
    node = access.read_state()
    assert node
    answer = httpx2.get(f"http://{node.addresses.node}:16686/api/traces/{trace}")
    empty: JSON = {"spans": [], "processes": {}}
    return empty if answer.status_code == 404 else answer.raise_for_status().json()["data"][0]


def build_header(trace: str) -> str:
    """Return the header `traceparent` of a caller (W3C Trace Context)."""
    return f"00-{trace}-{token_hex(8)}-01"


def wait_for_span(trace: str, service: str, operation: str) -> None:
    """Wait for the span of an operation; all spans of the trace must come from one service."""

    def list_operations() -> list[str]:
        return [span["operationName"] for span in read_trace(trace)["spans"]]

    try:
        wait(f"{operation} of {service}", lambda: operation in list_operations())
    finally:
        print(service, json.dumps(list_operations()))
    for process in read_trace(trace)["processes"].values():
        tags = {tag["key"]: tag["value"] for tag in process["tags"]}
        assert (process["serviceName"], tags["service.namespace"]) == (service, NAMESPACE)


def test_a_prediction_continues_the_trace_of_its_caller(models: list[str]) -> None:
    trace = token_hex(16)
    with open_demo(get_target(None, NAMESPACE)) as steps:
        steps.serve(**{f"v{models[-1]}": 100})
        answer = httpx2.get(
            f"{steps.serve_url}/{MODEL}",
            params={"zone": ZONES[0]},
            headers={"traceparent": build_header(trace)},
            timeout=60,
            follow_redirects=True,
        )
        answer.raise_for_status()
    # The proxy and the replica are separate processes, and each sends its spans.
    wait("the spans of proxy and replica", lambda: len(read_trace(trace)["processes"]) > 1)
    wait_for_span(trace, "ray-cluster", f"GET /{MODEL}/")


@pytest.mark.usefixtures("models")
def test_instrumented_mlflow_and_feast_send_spans_to_jaeger(release: Release) -> None:
    values = ("--reset-then-reuse-values", "--values", str(INSTRUMENTED))
    done = release.helm("helm", "upgrade", RELEASE, "umbrella/", *values, "--wait")
    assert done.returncode == 0, done.stderr

    body = json.dumps({"features": FEATURES, "entities": {"zone": list(ZONES)}})
    search = "http://localhost:5000/api/2.0/mlflow/registered-models/search"
    online = ("--json", body, "http://localhost:6566/get-online-features")
    calls = {
        "mlflow": ("GET", "python", "-c", CALL, search),
        "feast-server": ("POST /get-online-features", "curl", "-sS", "--fail", *online),
    }
    for service, (operation, *call) in calls.items():
        trace = token_hex(16)
        header = ("-H", f"traceparent: {build_header(trace)}")
        release.kubectl("exec", f"deployment/{service}", "-c", service, "--", *call, *header)
        wait_for_span(trace, service, operation)
