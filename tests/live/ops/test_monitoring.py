"""Prometheus scrapes the platform, and each failure fires its alert and no other alert."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.charts.monitoring import BOARDS, parse_metrics
from tests.live.ops.queries import NAMESPACE, query_history, query_prometheus
from tests.live.support import JSON, Release, wait

from carbon.charts.generate import dashboards
from carbon.check.monitoring.metrics import METRICS
from carbon.files import read_yaml

SPEEDUP = 3
"""The test divides `for` of each alert by this number."""
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
    """Shorten `for` of all alerts, wait until no alert is active, restore `for` at the end."""
    rules = release.get("prometheusrules")
    for rule in rules:
        set_durations(release, rule, shorten)
    alerts = [alert for rule in rules for alert in list_alerts(rule).values()]
    expected = {float(shorten(alert["for"])[:-1]) for alert in alerts}
    wait("Prometheus to read the rules", lambda: set(read_durations(release)) == expected)
    wait_until_quiet(release)
    yield
    for rule in rules:
        set_durations(release, rule, str)


def shorten(minutes: str) -> str:
    """Return a duration in minutes divided by SPEEDUP: 20s for 1m."""
    return f"{60 * int(minutes.removesuffix('m')) // SPEEDUP}s"


def list_alerts(rule: JSON) -> dict[str, JSON]:
    """Return the alerts of a PrometheusRule by their JSON pointers."""
    return {
        f"/spec/groups/{g}/rules/{r}": alert
        for g, group in enumerate(rule["spec"]["groups"])
        for r, alert in enumerate(group["rules"])
    }


def set_durations(release: Release, rule: JSON, change: Callable[[str], str]) -> None:
    """Replace `for` of each alert of a PrometheusRule by the result of `change`."""
    changes = [
        {"op": "replace", "path": f"{path}/for", "value": change(alert["for"])}
        for path, alert in list_alerts(rule).items()
    ]
    patch = ("--type=json", f"--patch={json.dumps(changes)}")
    release.kubectl("patch", "prometheusrule", rule["metadata"]["name"], *patch)


def read_durations(release: Release) -> list[float]:
    """Return `for` of each alert in seconds, as Prometheus has read it."""
    groups = query_prometheus(release, "rules", type="alert")["groups"]
    return [rule["duration"] for group in groups for rule in group["rules"]]


def list_active(release: Release, *states: str) -> set[str]:
    """Return the names of the alerts in one of the states (pending, firing)."""
    alerts = query_prometheus(release, "alerts")["alerts"]
    return {a["labels"]["alertname"] for a in alerts if a["state"] in states}


def wait_until_quiet(release: Release) -> None:
    """Wait until no alert is pending or firing; some alerts query the last five minutes."""
    active = partial(list_active, release, "pending", "firing")
    try:
        wait("no alert to be active", lambda: active() == set(), 600)
    finally:
        print("active alerts:", sorted(active()))


def read_targets(release: Release) -> dict[str, list[str]]:
    """Return the scrape jobs of Prometheus, each with the health or last error of its targets."""
    found: dict[str, list[str]] = {}
    for target in query_prometheus(release, "targets", state="active")["activeTargets"]:
        health = target["health"] if target["health"] == "up" else target["lastError"]
        found.setdefault(target["labels"]["job"], []).append(health)
    return found


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


def wait_for_only(release: Release, alert: str) -> None:
    """Wait until an alert fires; fail if another alert fires.

    Prometheus keeps the last samples of a lost target for five minutes.
    """
    firing = partial(list_active, release, "firing")
    wait(alert, lambda: firing() != set(), 600)
    assert firing() == {alert}


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
