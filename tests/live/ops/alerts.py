"""Alerts and scrape targets of Prometheus, and alerts that fire sooner."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.live.ops.queries import query_prometheus
from tests.live.support import JSON, Release, wait

SPEEDUP = 3
"""Tests divide `for` of each alert by this number."""


@contextmanager
def speed_up_alerts(release: Release) -> Iterator[None]:
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


def wait_for_only(release: Release, alert: str) -> None:
    """Wait until an alert fires; fail if another alert fires.

    Prometheus keeps the last samples of a lost target for five minutes.
    """
    firing = partial(list_active, release, "firing")
    wait(alert, lambda: firing() != set(), 600)
    assert firing() == {alert}
