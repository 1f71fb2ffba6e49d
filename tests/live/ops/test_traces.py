"""What Ray Serve traces is in Jaeger, as a part of its caller's trace."""

import json
from secrets import token_hex

import httpx2
from tests.live.ops.watching import NAMESPACE
from tests.live.support import JSON, wait

from carbon.cluster import access
from carbon.demo.steps import MODEL, ZONES, started
from carbon.platform.target import local


def traced(trace: str) -> JSON:
    """What Jaeger has of a trace: its spans, and the processes that they come from."""
    node = access.running()
    assert node
    answer = httpx2.get(f"http://{node.addresses.node}:16686/api/traces/{trace}")
    nothing: JSON = {"spans": [], "processes": {}}
    return nothing if answer.status_code == 404 else answer.raise_for_status().json()["data"][0]


def test_a_prediction_goes_on_in_its_callers_trace(models: list[str]) -> None:
    trace = token_hex(16)
    with started(local(NAMESPACE)) as steps:
        steps.serve(**{f"v{models[-1]}": 100})
        answer = httpx2.get(
            f"{steps.serve_url}/{MODEL}",
            params={"zone": ZONES[0]},
            headers={"traceparent": f"00-{trace}-{token_hex(8)}-01"},
            timeout=60,
            follow_redirects=True,
        )
        answer.raise_for_status()
    # The proxy and the replica are processes of their own, and each sends its spans.
    wait("its spans to be there", lambda: len(traced(trace)["processes"]) > 1)
    found = traced(trace)
    print(json.dumps([span["operationName"] for span in found["spans"]]))
    for process in found["processes"].values():
        tags = {tag["key"]: tag["value"] for tag in process["tags"]}
        assert tags["service.namespace"] == NAMESPACE
