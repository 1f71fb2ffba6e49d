"""Schedules: cron expressions and time zones that the API server and the controllers accept."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from carbon.check.findings import KeyPath
from carbon.check.rules.fields.cron import find_problem, runs_each_minute
from carbon.check.rules.fields.mistakes import Mistake, add_rule
from carbon.check.trees import iterate_entries

CRON, ZONE = "schedules/cron", "schedules/time-zone"
MINUTE, OFTEN = "schedules/minute", "schedules/often"
SCHEDULED = ("CronJob", "Schedule", "RayCronJob", "CronWorkflow")
"""Kinds with a field `schedule`: of Kubernetes, Velero, KubeRay and Argo Workflows."""
_HOURS = re.compile(r"(\*/)?\d+(,\d+)*")
"""Hours that are single times of the day; a range such as 8-18 is a period."""
_PREFIX = re.compile(r"((?:CRON_)?TZ=(\S*))\s+")
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z_+-]+)+")
"""A time zone in the variable TZ; POSIX's own form, such as CET-1CEST, is another."""


@cache
def list_zones() -> frozenset[str]:
    """Return the names in the time zone database of the package tzdata."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def find_mistakes(node: Any, kind: str) -> Iterator[Mistake]:
    """Yield the mistakes in the schedules and time zones of an object, or of values."""
    for path, key, text in _find_fields(node, kind, ()):
        prefix = _PREFIX.match(text) if key == "schedule" else None
        zone = text if key == "timezone" else prefix[2] if prefix else None
        if zone is not None and zone not in list_zones():
            yield Mistake(ZONE, path, text, f"there is no time zone {zone!r}")
        if prefix and kind == "CronJob":
            yield Mistake(CRON, path, text, f"{prefix[1]} is not allowed; set timeZone")
        elif key == "schedule" and (what := find_problem(_PREFIX.sub("", text))):
            yield Mistake(CRON, path, text, f"{text!r} is not valid: {what}")
        elif key == "schedule" and runs_each_minute(_PREFIX.sub("", text)):
            yield _describe(path, text)


def _describe(path: KeyPath, text: str) -> Mistake:
    """Return the mistake of a cron expression that selects every minute of some hours."""
    _, *others = _PREFIX.sub("", text).split()
    if _HOURS.fullmatch(others[0]):
        what = f"{text!r} selects every minute of the hour {others[0]}"
        return Mistake(MINUTE, path, text, f"{what}; write 0 {' '.join(others)}")
    return Mistake(OFTEN, path, text, f"{text!r} runs each minute")


def _find_fields(node: Any, kind: str, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield path, kind (schedule or timezone) and text of the fields of an object or of values."""
    for each, below in iterate_entries(node, path):
        yield from _find_fields(each, kind, below)
    if not isinstance(node, dict):
        return
    if node.get("name") == "TZ" and _ZONE.fullmatch(str(node.get("value"))):
        yield (*path, "value"), "timezone", str(node["value"])
    if node.get("type") == "cron" and isinstance(node.get("metadata"), dict):  # of KEDA
        for key in ("start", "end"):
            yield (*path, key), "schedule", str(node["metadata"].get(key))
        yield (*path, "timezone"), "timezone", str(node["metadata"].get("timezone"))
    for key, child in node.items():
        where = (*path, str(key))
        if isinstance(child, str) and key in {"schedule", "timeZone", "timezone"}:
            if kind in SCHEDULED or (not kind and _is_schedule(key, child)):
                yield where, key.lower(), child
        else:
            yield from _find_fields(child, kind, where)


def _is_schedule(key: str, text: str) -> bool:
    """Return whether a value can be a schedule or a time zone of a Kubernetes object."""
    return bool(text) if key != "schedule" else text.startswith("@") or len(text.split()) == 5


add_rule(
    CRON,
    "Every cron expression is one that Kubernetes accepts, and comes due on some day.",
    "Write minute, hour, day of month, month, day of week: 0 2 * * *.",
    find_mistakes,
)
add_rule(
    ZONE,
    "Every time zone is a name of the time zone database, which the API server looks up.",
    "Write a name of the time zone database, such as Europe/Berlin.",
    find_mistakes,
)
add_rule(
    MINUTE,
    "No cron expression selects every minute of an hour: `* 3 * * *` runs 60 times from 3:00.",
    "Write the minute first, then the hour: 0 3 * * *.",
    find_mistakes,
)
add_rule(
    OFTEN,
    "No schedule runs each minute.",
    "Write the minutes at which the schedule runs, such as 0 or */15.",
    find_mistakes,
    house=True,
)
