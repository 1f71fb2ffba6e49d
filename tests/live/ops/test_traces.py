"""What the platform traces is in Jaeger, as a part of its callers' traces."""

import json
from pathlib import Path
from secrets import token_hex

import httpx2
import pytest
from tests.live.ops.watching import FEATURES, NAMESPACE
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


def traced(trace: str) -> JSON:
    """What Jaeger has of a trace: its spans, and the processes that they come from."""
    node = access.read_state()
    assert node
    answer = httpx2.get(f"http://{node.addresses.node}:16686/api/traces/{trace}")
    nothing: JSON = {"spans": [], "processes": {}}
    return nothing if answer.status_code == 404 else answer.raise_for_status().json()["data"][0]


def follows(trace: str) -> str:
    """The header of a caller that traces (W3C Trace Context)."""
    return f"00-{trace}-{token_hex(8)}-01"


def arrives(trace: str, service: str, operation: str) -> None:
    """Wait for an operation of a trace, all of which a service of this release sent."""

    def operations() -> list[str]:
        return [span["operationName"] for span in traced(trace)["spans"]]

    try:
        wait(f"{operation} of {service}", lambda: operation in operations())
    finally:
        print(service, json.dumps(operations()))
    for process in traced(trace)["processes"].values():
        tags = {tag["key"]: tag["value"] for tag in process["tags"]}
        assert (process["serviceName"], tags["service.namespace"]) == (service, NAMESPACE)


def test_a_prediction_goes_on_in_its_callers_trace(models: list[str]) -> None:
    trace = token_hex(16)
    with open_demo(get_target(None, NAMESPACE)) as steps:
        steps.serve(**{f"v{models[-1]}": 100})
        answer = httpx2.get(
            f"{steps.serve_url}/{MODEL}",
            params={"zone": ZONES[0]},
            headers={"traceparent": follows(trace)},
            timeout=60,
            follow_redirects=True,
        )
        answer.raise_for_status()
    # The proxy and the replica are processes of their own, and each sends its spans.
    wait("the spans of both", lambda: len(traced(trace)["processes"]) > 1)
    arrives(trace, "ray-cluster", f"GET /{MODEL}/")


@pytest.mark.usefixtures("models")
def test_what_instruments_mlflow_and_feast_knows_where_to_send(release: Release) -> None:
    values = ("--reset-then-reuse-values", "--values", str(INSTRUMENTED))
    done = release.helm("helm", "upgrade", RELEASE, "umbrella/", *values, "--wait")
    assert done.returncode == 0, done.stderr

    asked = json.dumps({"features": FEATURES, "entities": {"zone": list(ZONES)}})
    search = "http://localhost:5000/api/2.0/mlflow/registered-models/search"
    online = ("--json", asked, "http://localhost:6566/get-online-features")
    calls = {
        "mlflow": ("GET", "python", "-c", CALL, search),
        "feast-server": ("POST /get-online-features", "curl", "-sS", "--fail", *online),
    }
    for service, (operation, *call) in calls.items():
        trace = token_hex(16)
        header = ("-H", f"traceparent: {follows(trace)}")
        release.kubectl("exec", f"deployment/{service}", "-c", service, "--", *call, *header)
        arrives(trace, service, operation)
