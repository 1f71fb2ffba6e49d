"""Fields of every container: resources, an exact image and, for servers, probes."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart

VERSION = re.compile(r"[\w./:-]+?(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})+")
REGISTRY = re.compile(r"([a-z0-9.-]+\.[a-z]+|localhost)(:\d+)?/.+")
OPERATED = {"RayCluster", "RayService", "RayJob"}
"""Kinds whose operator sets the commands."""
MERGED = {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath"}
"""Lists that the API server merges by a key."""


@rule("pods/requests", "Set resources.requests.cpu and resources.requests.memory.")
def check_requests(chart: RenderedChart) -> Iterator[Violation]:
    """Every container requests CPU and memory, which the scheduler reserves."""
    yield from _check_resources(chart, "requests")


@rule("pods/limits", "Set resources.limits.cpu and resources.limits.memory.")
def check_limits(chart: RenderedChart) -> Iterator[Violation]:
    """Every container limits CPU and memory: a ResourceQuota refuses pods without limits."""
    yield from _check_resources(chart, "limits")


def _check_resources(chart: RenderedChart, side: str) -> Iterator[Violation]:
    for obj, _, each, path in chart.containers():
        stated = (each.get("resources") or {}).get(side) or {}
        missing = sorted({"cpu", "memory"} - set(stated))
        if missing:
            wrong = f"{obj.identity}: {each.get('name')}: no {side} of {' and '.join(missing)}"
            yield Violation(obj, (*path, "resources", side), wrong)


@rule("pods/image", "Write a fixed tag, or a digest.")
def check_image(chart: RenderedChart) -> Iterator[Violation]:
    """Every image has a tag other than latest, or a digest."""
    yield from _check_images(chart, VERSION, "has no fixed version")


@rule("pods/registry", "Write registry/repository:tag, such as docker.io/library/nginx:1.27", True)
def check_registry(chart: RenderedChart) -> Iterator[Violation]:
    """Every image names its registry, which nodes otherwise choose."""
    yield from _check_images(chart, REGISTRY, "names no registry")


def _check_images(
    chart: RenderedChart, pattern: re.Pattern[str], problem: str
) -> Iterator[Violation]:
    for obj, _, each, path in chart.containers():
        if not pattern.fullmatch(str(each.get("image"))):
            image = f"{obj.identity}: {each.get('name')}: the image {each.get('image')}"
            yield Violation(obj, (*path, "image"), f"{image} {problem}")


@rule("pods/probes", "Add startupProbe, readinessProbe and livenessProbe: common.probes.", True)
def check_probes(chart: RenderedChart) -> Iterator[Violation]:
    """Every container of a server has a startup, a readiness and a liveness probe."""
    for obj in chart.of_kind(*SERVERS):
        for pod in obj.pods:
            for each in pod["spec"].get("containers") or []:
                wanted = {"startupProbe", "readinessProbe", "livenessProbe"}
                missing = wanted - set(each)
                if missing:
                    wrong = (
                        f"{obj.identity}: {each.get('name')} has no {', '.join(sorted(missing))}"
                    )
                    yield Violation(obj, ("containers", f"name={each.get('name')}"), wrong)


@rule(
    "pods/command",
    "Set the command, so that the chart does not depend on an entrypoint script.",
    house=True,
)
def check_command(chart: RenderedChart) -> Iterator[Violation]:
    """Every container sets its command, whatever the entrypoint of the image is."""
    for obj, _, each, path in chart.containers():
        if not each.get("command") and obj.kind not in OPERATED:
            yield Violation(obj, path, f"{obj.identity}: {each.get('name')} has no command")


@rule(
    "pods/merge-keys", "Remove the duplicate: the last entry wins, or the API server refuses both."
)
def check_merge_keys(chart: RenderedChart) -> Iterator[Violation]:
    """No list that the API server merges by a key has two items with the same key."""
    for obj, pod in chart.pods():
        spec = pod["spec"]
        every = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
        for where, entries in (("volumes", spec.get("volumes") or []), ("containers", every)):
            for name in _find_duplicates(entries, "name"):
                wrong = f"{obj.identity}: {where}: {name} is a duplicate"
                yield Violation(obj, ("spec", where, f"name={name}"), wrong)
        for each in every:
            for what, key in MERGED.items():
                for name in _find_duplicates(each.get(what) or [], key):
                    wrong = f"{obj.identity}: {each.get('name')}: {what}: {name} is a duplicate"
                    yield Violation(obj, (f"name={each.get('name')}", what), wrong)


def _find_duplicates(entries: list[dict[str, Any]], key: str) -> list[Any]:
    keys = [(entry.get(key), entry.get("protocol")) for entry in entries]
    return [name for (name, _), count in Counter(keys).items() if count > 1]


@rule("pods/scaled", "Remove spec.replicas if a HorizontalPodAutoscaler scales the workload.")
def check_scaled(chart: RenderedChart) -> Iterator[Violation]:
    """Either the chart or an autoscaler sets the replicas, never both."""
    for scaler in chart.of_kind("HorizontalPodAutoscaler"):
        target = scaler.spec.get("scaleTargetRef") or {}
        for obj in chart.of_kind(str(target.get("kind"))):
            if obj.name == target.get("name") and "replicas" in obj.spec:
                wrong = f"{obj.identity} sets replicas, and {scaler.identity} scales it"
                yield Violation(obj, ("spec", "replicas"), wrong)
