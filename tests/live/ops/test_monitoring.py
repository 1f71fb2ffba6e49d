"""Prometheus scrapes the platform; a fault fires the alert that tells of it, and no other."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.charts.monitoring import BOARDS, METRICS, parse_metrics
from tests.live.ops.watching import NAMESPACE, ask, history
from tests.live.support import JSON, Release, wait

from carbon.charts import dashboards
from carbon.charts.files import read_yaml

HURRY = 3
"""How many times sooner alerts fire here."""
JOBS = {
    "mlflow",
    "feast",
    "ray-cluster",
    "postgresql",
    "redis",
    "s3",
    "backup-metrics",
}
"""The jobs of the platform's own components, each NAMESPACE/NAME."""

LISTS = [path for path in sorted(METRICS.glob("*.yaml")) if path.stem != "dcgm-exporter"]
"""The lists of metrics, but for the one of what needs a GPU."""
WATCHED = [path for path in BOARDS if path.parents[1].name != "gpu-pool"]
EMPTY: dict[str, str] = {}
"""Queries of panels that show nothing here, and why."""


@pytest.fixture(scope="module", autouse=True)
def quick(release: Release, drill: JSON) -> Iterator[None]:
    """Alerts with a third of their patience, and none at work; with all of it at the end."""
    rules = release.get("prometheusrules")
    for rule in rules:
        patience(release, rule, hurried)
    read = {float(hurried(alert["for"])[:-1]) for rule in rules for alert in alerts(rule).values()}
    wait("Prometheus to read the rules", lambda: set(durations(release)) == read)
    quiet(release)
    yield
    for rule in rules:
        patience(release, rule, str)


def hurried(minutes: str) -> str:
    """A third of so many minutes: 20s for 1m."""
    return f"{60 * int(minutes.removesuffix('m')) // HURRY}s"


def alerts(rule: JSON) -> dict[str, JSON]:
    """The alerts of a PrometheusRule by where they stand in it."""
    return {
        f"/spec/groups/{g}/rules/{r}": alert
        for g, group in enumerate(rule["spec"]["groups"])
        for r, alert in enumerate(group["rules"])
    }


def patience(release: Release, rule: JSON, chosen: Callable[[str], str]) -> None:
    """Have each alert of a PrometheusRule wait as long as chosen for it."""
    changes = [
        {"op": "replace", "path": f"{path}/for", "value": chosen(alert["for"])}
        for path, alert in alerts(rule).items()
    ]
    patch = ("--type=json", f"--patch={json.dumps(changes)}")
    release.kubectl("patch", "prometheusrule", rule["metadata"]["name"], *patch)


def durations(release: Release) -> list[float]:
    """How long each alert waits, in seconds, as Prometheus has read it."""
    groups = ask(release, "rules", type="alert")["groups"]
    return [rule["duration"] for group in groups for rule in group["rules"]]


def active(release: Release, *states: str) -> set[str]:
    """The alerts in any of these states: pending, firing."""
    found = ask(release, "alerts")["alerts"]
    return {a["labels"]["alertname"] for a in found if a["state"] in states}


def quiet(release: Release) -> None:
    """Wait until no alert fires, or is about to; some look five minutes back."""
    at_work = partial(active, release, "pending", "firing")
    wait("no alert to be at work", lambda: at_work() == set(), 600)


def targets(release: Release) -> dict[str, list[str]]:
    """What Prometheus scrapes: its jobs, each with the health of its targets."""
    found: dict[str, list[str]] = {}
    for target in ask(release, "targets", state="active")["activeTargets"]:
        said = target["health"] if target["health"] == "up" else target["lastError"]
        found.setdefault(target["labels"]["job"], []).append(said)
    return found


def test_every_target_is_scraped(release: Release) -> None:
    wanted = {f"{NAMESPACE}/{job}" for job in JOBS}
    wanted |= {"kube-state-metrics", "kubelet", "cadvisor", "monitoring/velero"}

    def all_up() -> bool:
        found = targets(release)
        return found.keys() >= wanted and all(set(said) == {"up"} for said in found.values())

    try:
        wait("every target to be up", all_up)
    finally:
        print(json.dumps(targets(release), indent=2))


@pytest.fixture(scope="module")
def scraped(release: Release, drill: JSON) -> set[str]:
    """Every metric, once all that the platform is for has happened: models, backup, drill."""
    series_of = set(ask(release, "label/__name__/values"))
    # kube-state-metrics names what it would tell of faults before there is one.
    return series_of | {name for name in ask(release, "metadata") if name.startswith("kube_")}


def test_every_metric_of_an_alert_is_there(release: Release, scraped: set[str]) -> None:
    rules = release.get("prometheusrules")
    expressions = [alert["expr"] for rule in rules for alert in alerts(rule).values()]
    named = {name for expression in expressions for name in parse_metrics(expression)}
    assert len(named) > 30
    assert sorted(named - scraped) == []


@pytest.mark.parametrize("listed", LISTS, ids=lambda path: path.stem)
def test_the_lists_name_what_is_scraped(scraped: set[str], listed: Path) -> None:
    names = set(read_yaml(listed)["metrics"])
    assert sorted(n for n in names if not scraped & {n, f"{n}_bucket", f"{n}_count"}) == []


@pytest.fixture
def fault(release: Release) -> Iterator[list[Callable[[], object]]]:
    """What repairs the fault; then no alert is at work any more."""
    repairs: list[Callable[[], object]] = []
    yield repairs
    for repair in repairs:
        repair()
    quiet(release)


def fires(release: Release, alert: str) -> None:
    """Wait until an alert fires, and see that it is the only one.

    Prometheus takes what it no longer scrapes for five minutes to be as it was.
    """
    firing = partial(active, release, "firing")
    wait(alert, lambda: firing() != set(), 600)
    assert firing() == {alert}


def test_a_container_that_keeps_ending(release: Release, fault: list[Callable[[], object]]) -> None:
    server, *_ = release.get("pods", "app=mlflow,app.kubernetes.io/component=server")
    pod = server["metadata"]["name"]
    fault.append(lambda: release.kubectl("rollout", "restart", "deployment/mlflow"))
    for killed in range(1, 5):
        release.kubectl("exec", pod, "-c", "mlflow", "--", "sh", "-c", "kill 1")
        again = partial(restarts, release, pod, killed)
        wait(f"restart {killed}", again, 200)
    fires(release, "MLflowRestarts")


def restarts(release: Release, pod: str, times: int) -> bool:
    """Whether the containers of a pod are ready after so many restarts."""
    found: JSON = json.loads(release.kubectl("get", "pod", pod, "-o", "json"))
    containers = found["status"]["containerStatuses"]
    ready = all(container["ready"] for container in containers)
    return ready and sum(container["restartCount"] for container in containers) == times


def test_a_scrape_that_is_lost(release: Release, fault: list[Callable[[], object]]) -> None:
    label = ("label", "podmonitor", "feast", "--overwrite")
    fault.append(lambda: release.kubectl(*label, "release=prometheus"))
    release.kubectl(*label, "release=another")
    fires(release, "FeastDown")


def test_a_schedule_that_velero_does_not_have(
    release: Release, fault: list[Callable[[], object]]
) -> None:
    there = ("-n", "velero")
    name = f"{NAMESPACE}-weekly"
    schedule: JSON = json.loads(release.kubectl("get", "schedule", name, *there, "-o", "json"))
    del schedule["status"], schedule["metadata"]["uid"], schedule["metadata"]["resourceVersion"]
    again = json.dumps(schedule)
    fault.append(lambda: release.kubectl("apply", *there, "-f", "-", stdin=again))
    release.kubectl("delete", "schedule", name, *there)
    # It forgets a Schedule's metrics only when it starts.
    release.kubectl("rollout", "restart", "deployment/velero", *there)
    fires(release, "BackupScheduleUnknown")


def test_a_quota_that_is_full(release: Release, fault: list[Callable[[], object]]) -> None:
    [quota] = release.get("resourcequotas")
    name, hard = quota["metadata"]["name"], quota["spec"]["hard"]
    used = quota["status"]["used"]["pods"]

    def limit(pods: str) -> None:
        patch = json.dumps({"spec": {"hard": {"pods": pods}}})
        release.kubectl("patch", "resourcequota", name, "--type=merge", f"--patch={patch}")

    fault.append(lambda: limit(hard["pods"]))
    limit(used)
    fires(release, "PlatformQuotaNearlyUsed")


@pytest.mark.parametrize("board", WATCHED, ids=lambda path: path.stem)
def test_every_panel_shows_something(release: Release, scraped: set[str], board: Path) -> None:
    empty = []
    for query in dashboards.queries(dashboards.read(board)):
        asked = re.sub(r"\$__(rate_)?interval|\$__range", "5m", query)
        if not history(release, asked.replace("$namespace", NAMESPACE)):
            empty.append(query)
    assert set(empty) - EMPTY.keys() == set()
