"""The job of a new chart, without an edit."""

import json
from collections.abc import Callable
from functools import partial

from tests.live.ops.alerts import wait_for_only
from tests.live.support import JSON, Release, wait

CRONJOB = "price-report"


def suspend(release: Release, value: bool) -> None:
    """Stop or continue the schedule of the job."""
    patch = json.dumps({"spec": {"suspend": value}})
    release.kubectl("patch", "cronjob", CRONJOB, f"--patch={patch}")


def list_runs(release: Release) -> list[str]:
    """Return the names of the successful Jobs of the CronJob."""
    return [
        job["metadata"]["name"]
        for job in release.get("jobs")
        if job["metadata"]["name"].startswith(f"{CRONJOB}-") and job["status"].get("succeeded")
    ]


def test_it_runs_on_its_schedule(release: Release) -> None:
    wait("a successful run", lambda: list_runs(release) != [], 300)
    log = release.kubectl("logs", f"job/{list_runs(release)[-1]}")
    assert log.startswith("kubernetes.default.svc: ")


def test_a_late_run_fires_an_alert(release: Release, repairs: list[Callable[[], object]]) -> None:
    repairs.append(partial(suspend, release, False))
    suspend(release, True)
    wait_for_only(release, "PriceReportLate")


def test_a_failed_run_fires_an_alert(release: Release, repairs: list[Callable[[], object]]) -> None:
    cronjob: JSON = json.loads(release.kubectl("get", "cronjob", CRONJOB, "-o", "json"))
    spec = cronjob["spec"]["jobTemplate"]["spec"]
    [container] = spec["template"]["spec"]["containers"]
    container["command"] = ["python3", "-c", "raise SystemExit('no data')"]
    name = f"{CRONJOB}-1"
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}
    repairs.append(lambda: release.kubectl("delete", "job", name, "--wait"))
    release.kubectl("create", "-f", "-", stdin=json.dumps(job))
    wait_for_only(release, "PriceReportFailed")
