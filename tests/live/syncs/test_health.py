"""Argo CD itself runs the health checks in Lua on objects with the statuses of operators."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from tests.gitops.test_health import CASES
from tests.live.argocd import ArgoCd
from tests.live.charts_repository import ChartsRepository
from tests.live.support import wait
from tests.live.syncs.single import Case, install, list_rounds, render

from carbon.charts.render import Object
from carbon.check.render.apis import get_group
from carbon.gitops.health import build_settings

HEALTHS = ("Healthy", "Degraded")
NOT_RENDERED = {"argoproj.io_Application", "velero.io_Backup", "velero.io_Restore"}
"""Checks of kinds that no chart renders."""
CHECKS = sorted({name for name, _ in CASES} - NOT_RENDERED)


def get_check(obj: Object) -> str:
    """Return the name of the health check of an object."""
    return f"{get_group(obj['apiVersion'])}_{obj['kind']}"


def list_statuses(check: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the first example of each health that has a status, and the health."""
    for health in HEALTHS:
        rows = (row for name, row in CASES if name == check)
        yield next(
            (row["input"]["status"], health)
            for row in rows
            if row["healthStatus"]["status"] == health and row["input"].get("status")
        )


@pytest.fixture(scope="module")
def objects(running: ArgoCd, original: ChartsRepository) -> Iterator[dict[str, tuple[str, Object]]]:
    """An object that Argo CD has synced, and its Application, for each health check."""
    running.apply([build_settings()])
    cases: list[Case] = [
        case for each in list_rounds() for case in each if case[1].name == "full-values.yaml"
    ]
    install(running, original, cases)
    yield {
        get_check(obj): (case[0].name, obj)
        for case in cases
        for obj in render(case)
        if not obj.get("spec", {}).get("paused")  # Suspended, whatever the status of a Schedule
    }
    running.delete(*running.list_applications())


def set_status(argo: ArgoCd, obj: Object, status: dict[str, Any]) -> None:
    """Write the status of an object, as its operator does; Velero's CRDs have no subresource."""
    required = {"lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Test", "message": ""}
    conditions = [required | each for each in status.get("conditions", [])]
    whole = status | ({"conditions": conditions} if conditions else {})
    meta = obj["metadata"]
    group = get_group(obj["apiVersion"])
    where = ["-n", meta["namespace"]] if "namespace" in meta else []
    where += [] if group == "velero.io" else ["--subresource=status"]
    patch = ("--type=merge", "--patch", json.dumps({"status": whole}))
    argo.kubectl("patch", f"{obj['kind']}.{group}", meta["name"], *where, *patch)


def has_health(argo: ArgoCd, application: str, obj: Object, health: str) -> bool:
    """Return whether the Application's status states a health of an object."""
    [found] = [
        each
        for each in argo.read(application)["status"]["resources"]
        if (each["kind"], each["name"]) == (obj["kind"], obj["metadata"]["name"])
    ]
    return bool(found.get("health", {}).get("status") == health)


@pytest.mark.parametrize("check", CHECKS)
def test_argo_cd_reports_the_health_of_an_object(
    running: ArgoCd, objects: dict[str, tuple[str, Object]], check: str
) -> None:
    application, obj = objects[check]
    has = partial(has_health, running, application, obj)
    wait("the check", partial(has, "Progressing"))
    for status, health in list_statuses(check):
        set_status(running, obj, status)
        wait(f"the health {health}", partial(has, health))
