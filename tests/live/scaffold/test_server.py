"""The server of a new chart, without an edit."""

import json
from collections.abc import Callable

from tests.live.ops.alerts import read_targets, wait_for_only
from tests.live.scaffold.conftest import NAMESPACE, build_path
from tests.live.support import JSON, Client, Release, wait

DEPLOYMENT = "deployment/price-alerts"


def test_helm_test_of_all_new_charts_succeeds(release: Release) -> None:
    output = release.run_tests()
    assert "Hello from price-alerts" in output
    assert "DELETE http://price-store:8080/helm-test: a value" in output
    assert "kubernetes.default.svc: " in output


def test_prometheus_scrapes_each_server(release: Release) -> None:
    expected = {f"{NAMESPACE}/price-alerts": ["up", "up"], f"{NAMESPACE}/price-store": ["up"]}

    def are_up() -> bool:
        found = read_targets(release)
        return all(found.get(job) == health for job, health in expected.items())

    try:
        wait("every target to be up", are_up)
    finally:
        print(json.dumps(read_targets(release), indent=2))


def test_the_backend_of_its_route_answers(release: Release) -> None:
    [ingress] = release.get("ingresses")
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert (rule["host"], path["path"], path["pathType"]) == ("prices.example.com", "/", "Prefix")
    service = path["backend"]["service"]
    port = service["port"].get("name") or service["port"]["number"]
    answer = release.kubectl("get", "--raw", build_path(service["name"], port))
    assert answer == "Hello from price-alerts"


def test_no_request_fails_while_its_nodes_are_drained(release: Release) -> None:
    before = release.list_uids("app=price-alerts")
    url = "http://price-alerts:8080/"
    client = release.start_client("send_requests.py", "price-alerts", URL=url, SECONDS="600")
    wait("a first response", lambda: read_counts(client)["answered"] > 0)
    release.drain("price-alerts", "app=price-alerts")
    assert release.list_uids("app=price-alerts").isdisjoint(before)
    drained = read_counts(client)["answered"]
    wait("responses after the drain", lambda: read_counts(client)["answered"] > drained)
    counts = read_counts(client)
    release.kubectl("delete", "pod,configmap", client.name, "--wait=false")
    print(f"{counts['answered']} responses")
    assert counts["failed"] == []


def read_counts(client: Client) -> JSON:
    """Return the last line of the client's output, parsed."""
    lines = client.read_log().splitlines()
    counts: JSON = json.loads(lines[-1]) if lines else {"answered": 0}
    return counts


def test_a_stopped_server_fires_an_alert(
    release: Release, repairs: list[Callable[[], object]]
) -> None:
    def repair() -> None:
        release.kubectl("scale", DEPLOYMENT, "--replicas=2")
        release.kubectl("rollout", "status", DEPLOYMENT, "--timeout=3m")

    repairs.append(repair)
    release.kubectl("scale", DEPLOYMENT, "--replicas=0")
    wait_for_only(release, "PriceAlertsDown")
