"""Schedules: cron expressions and time zones that the API server and the controllers accept."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from carbon.check.findings import KeyPath, Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.rules.fields.cron import find_problem

SCHEDULED = ("CronJob", "Schedule", "RayCronJob", "CronWorkflow")
"""Kinds with a cron expression in spec.schedule: of Kubernetes, Velero, KubeRay, Argo Workflows."""
Field = tuple[RenderedObject, KeyPath, str]
"""An object, the path of a field in the object, and the text of the field."""
_PREFIX = re.compile(r"(?:CRON_)?TZ=(\S*)\s+")
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z_+-]+)+")
"""A time zone in the variable TZ; POSIX's own form, such as CET-1CEST, is another."""


@rule("schedules/cron", "Write minute, hour, day of month, month, day of week: 0 2 * * *.")
def check_cron(chart: RenderedChart) -> Iterator[Violation]:
    """Every cron expression is one that Kubernetes accepts, and comes due on some day."""
    for obj, path, expression in _find_schedules(chart):
        prefix = _PREFIX.match(expression)
        if prefix and obj.kind == "CronJob":
            wrong = f"{prefix[0].strip()} is not allowed; set timeZone"
        else:
            wrong = find_problem(_PREFIX.sub("", expression))
        if wrong:
            yield Violation(obj, path, f"{obj.identity}: {path[-1]} {expression!r}: {wrong}")


@rule("schedules/time-zone", "Write a name of the time zone database, such as Europe/Berlin.")
def check_time_zone(chart: RenderedChart) -> Iterator[Violation]:
    """Every time zone is a name of the time zone database, which the API server looks up."""
    for obj, path, zone in _find_zones(chart):
        if zone not in list_zones():
            yield Violation(obj, path, f"{obj.identity}: there is no time zone {zone!r}")


@cache
def list_zones() -> frozenset[str]:
    """Return the names in the time zone database of the package tzdata."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def _find_schedules(chart: RenderedChart) -> Iterator[Field]:
    for obj in chart.of_kind(*SCHEDULED):
        if "schedule" in obj.spec:
            yield obj, ("spec", "schedule"), str(obj.spec["schedule"])
    for obj, key, text in _find_triggers(chart):
        if key != "timezone":
            yield obj, ("spec", "triggers", key), text


def _find_zones(chart: RenderedChart) -> Iterator[Field]:
    for obj in chart.of_kind(*SCHEDULED):
        for key in sorted({"timeZone", "timezone"} & set(obj.spec)):
            yield obj, ("spec", key), str(obj.spec[key])
        if prefix := _PREFIX.match(str(obj.spec.get("schedule"))):
            yield obj, ("spec", "schedule"), prefix[1]
    for obj, key, text in _find_triggers(chart):
        if key == "timezone":
            yield obj, ("spec", "triggers", key), text
    for obj, _, container, path in chart.containers():
        for each in container.get("env") or []:
            if each.get("name") == "TZ" and _ZONE.fullmatch(str(each.get("value"))):
                yield obj, (*path, "env", "name=TZ"), str(each["value"])


def _find_triggers(chart: RenderedChart) -> Iterator[tuple[RenderedObject, str, str]]:
    """Yield the object, the key and the text of each schedule by which KEDA scales a workload."""
    for obj in chart.of_kind("ScaledObject", "ScaledJob"):
        for trigger in obj.spec.get("triggers") or []:
            if trigger.get("type") == "cron":
                for key in ("start", "end", "timezone"):
                    yield obj, key, str((trigger.get("metadata") or {}).get(key))
