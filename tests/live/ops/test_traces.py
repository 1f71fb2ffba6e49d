"""What Ray Serve traces is in Jaeger, as a part of its caller's trace."""

import json
from secrets import token_hex

import httpx2
from tests.live.ops.watching import NAMESPACE
from tests.live.support import JSON, Release, wait

from carbon.demo.steps import MODEL, ZONES, started
from carbon.platform.target import local

JAEGER = "/api/v1/namespaces/tracing/services/jaeger-query:16686/proxy/api/traces"


def traced(release: Release, trace: str) -> JSON:
    """What Jaeger has of a trace of Ray's: its spans and the processes that they come from."""
    answer = json.loads(release.kubectl("get", "--raw", f"{JAEGER}?service=ray-cluster&limit=1000"))
    found: JSON = next((t for t in answer["data"] if t["traceID"] == trace), {"spans": []})
    return found


def test_a_prediction_goes_on_in_its_callers_trace(release: Release, models: list[str]) -> None:
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
    wait("its spans to be there", lambda: len(traced(release, trace).get("processes", {})) > 1)
    found = traced(release, trace)
    print(json.dumps([span["operationName"] for span in found["spans"]]))
    for process in found["processes"].values():
        tags = {tag["key"]: tag["value"] for tag in process["tags"]}
        assert tags["service.namespace"] == NAMESPACE
