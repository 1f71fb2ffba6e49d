"""Prometheus scrapes the platform, and each failure fires its alert and no other alert."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.charts.monitoring import BOARDS, parse_metrics
from tests.live.ops.alerts import (
    list_alerts,
    read_targets,
    speed_up_alerts,
    wait_for_only,
    wait_until_quiet,
)
from tests.live.ops.queries import NAMESPACE, query_history, query_prometheus
from tests.live.support import JSON, Release, wait

from carbon.charts.generate import dashboards
from carbon.check.monitoring.metrics import METRICS
from carbon.files import read_yaml

JOBS = {
    "mlflow",
    "feast",
    "ray-cluster",
    "postgresql",
    "redis",
    "s3",
    "backup-metrics",
}
"""Scrape jobs of the platform's components; Prometheus calls each NAMESPACE/NAME."""

LISTS = [path for path in sorted(METRICS.glob("*.yaml")) if path.stem != "dcgm-exporter"]
"""The metric lists without the list of the exporter that needs a GPU."""
DASHBOARDS = [path for path in BOARDS if path.parents[1].name != "gpu-pool"]
EMPTY: dict[str, str] = {}
"""Queries of panels without data on the local cluster -> the reason."""


@pytest.fixture(scope="module", autouse=True)
def fast_alerts(release: Release, drill: JSON) -> Iterator[None]:
    """Alerts fire sooner."""
    with speed_up_alerts(release):
        yield


def test_every_target_is_scraped(release: Release) -> None:
    expected = {f"{NAMESPACE}/{job}" for job in JOBS}
    expected |= {"kube-state-metrics", "kubelet", "cadvisor", "monitoring/velero"}

    def are_up() -> bool:
        found = read_targets(release)
        return found.keys() >= expected and all(set(each) == {"up"} for each in found.values())

    try:
        wait("every target to be up", are_up)
    finally:
        print(json.dumps(read_targets(release), indent=2))


@pytest.fixture(scope="module")
def scraped(release: Release, drill: JSON) -> set[str]:
    """The names of all metrics after training, serving, a backup and a restore drill."""
    series = set(query_prometheus(release, "label/__name__/values"))
    # kube-state-metrics publishes the metadata of a metric before the first series.
    return series | {
        name for name in query_prometheus(release, "metadata") if name.startswith("kube_")
    }


def test_every_metric_of_an_alert_is_scraped(release: Release, scraped: set[str]) -> None:
    rules = release.get("prometheusrules")
    expressions = [alert["expr"] for rule in rules for alert in list_alerts(rule).values()]
    named = {name for expression in expressions for name in parse_metrics(expression)}
    assert len(named) > 30
    assert sorted(named - scraped) == []


@pytest.mark.parametrize("listed", LISTS, ids=lambda path: path.stem)
def test_every_metric_of_the_lists_is_scraped(scraped: set[str], listed: Path) -> None:
    names = set(read_yaml(listed)["metrics"])
    assert sorted(n for n in names if not scraped & {n, f"{n}_bucket", f"{n}_count"}) == []


@pytest.fixture
def repairs(release: Release) -> Iterator[list[Callable[[], object]]]:
    """Functions that undo a failure; the fixture calls them and waits until no alert is active."""
    repairs: list[Callable[[], object]] = []
    yield repairs
    for repair in repairs:
        repair()
    wait_until_quiet(release)


def test_repeated_restarts_of_a_container_fire_an_alert(
    release: Release, repairs: list[Callable[[], object]]
) -> None:
    server, *_ = release.get("pods", "app=mlflow,app.kubernetes.io/component=server")
    pod = server["metadata"]["name"]
    repairs.append(lambda: release.kubectl("rollout", "restart", "deployment/mlflow"))
    for killed in range(1, 5):
        release.kubectl("exec", pod, "-c", "mlflow", "--", "sh", "-c", "kill 1")
        wait(f"restart {killed}", partial(has_restarted, release, pod, killed), 200)
    wait_for_only(release, "MLflowRestarts")


def has_restarted(release: Release, pod: str, times: int) -> bool:
    """Return whether the containers of a pod restarted `times` times in total and are ready."""
    found: JSON = json.loads(release.kubectl("get", "pod", pod, "-o", "json"))
    containers = found["status"]["containerStatuses"]
    ready = all(container["ready"] for container in containers)
    return ready and sum(container["restartCount"] for container in containers) == times


def test_a_lost_scrape_target_fires_an_alert(
    release: Release, repairs: list[Callable[[], object]]
) -> None:
    label = ("label", "podmonitor", "feast", "--overwrite")
    repairs.append(lambda: release.kubectl(*label, "release=prometheus"))
    release.kubectl(*label, "release=another")
    wait_for_only(release, "FeastDown")


def test_a_schedule_without_metrics_fires_an_alert(
    release: Release, repairs: list[Callable[[], object]]
) -> None:
    there = ("-n", "velero")
    name = f"{NAMESPACE}-weekly"
    schedule: JSON = json.loads(release.kubectl("get", "schedule", name, *there, "-o", "json"))
    del schedule["status"], schedule["metadata"]["uid"], schedule["metadata"]["resourceVersion"]
    again = json.dumps(schedule)
    repairs.append(lambda: release.kubectl("apply", *there, "-f", "-", stdin=again))
    release.kubectl("delete", "schedule", name, *there)
    # Velero drops the metrics of a deleted Schedule only at its start.
    release.kubectl("rollout", "restart", "deployment/velero", *there)
    wait_for_only(release, "BackupScheduleUnknown")


def test_a_used_up_quota_fires_an_alert(
    release: Release, repairs: list[Callable[[], object]]
) -> None:
    [quota] = release.get("resourcequotas")
    name, hard = quota["metadata"]["name"], quota["spec"]["hard"]
    used = quota["status"]["used"]["pods"]

    def limit(pods: str) -> None:
        patch = json.dumps({"spec": {"hard": {"pods": pods}}})
        release.kubectl("patch", "resourcequota", name, "--type=merge", f"--patch={patch}")

    repairs.append(lambda: limit(hard["pods"]))
    limit(used)
    wait_for_only(release, "PlatformQuotaNearlyUsed")


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda path: path.stem)
def test_every_panel_shows_data(release: Release, scraped: set[str], board: Path) -> None:
    empty = []
    for query in dashboards.list_queries(dashboards.read_source(board)):
        expression = re.sub(r"\$__(rate_)?interval|\$__range", "5m", query)
        if not query_history(release, expression.replace("$namespace", NAMESPACE)):
            empty.append(query)
    assert set(empty) - EMPTY.keys() == set()
