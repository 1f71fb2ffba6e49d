"""What every container states: resources, an exact image, and for servers probes."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from carbon.check.drawn import SERVERS, Drawn
from carbon.check.findings import Fault, rule

IMAGE = re.compile(
    r"^[a-z0-9.-]+\.[a-z]+(:\d+)?/[\w./-]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})+$"
)
OPERATED = {"RayCluster", "RayService", "RayJob"}
"""Kinds whose operator writes the commands."""
MERGED = {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath"}
"""Lists that the API server merges by a key."""


@rule("pods/requests", "Set resources.requests.cpu and .memory; the scheduler counts them.")
def requests(drawn: Drawn) -> Iterator[Fault]:
    """Every container requests CPU and memory."""
    yield from _stated(drawn, "requests")


@rule("pods/limits", "Set resources.limits.cpu and .memory; the namespace's quota counts them.")
def limits(drawn: Drawn) -> Iterator[Fault]:
    """Every container has limits for CPU and memory: a quota refuses pods without."""
    yield from _stated(drawn, "limits")


def _stated(drawn: Drawn, side: str) -> Iterator[Fault]:
    for thing, _, each, path in drawn.containers():
        stated = (each.get("resources") or {}).get(side) or {}
        missing = sorted({"cpu", "memory"} - set(stated))
        if missing:
            wrong = f"{thing.identity}: {each.get('name')}: no {side} of {' and '.join(missing)}"
            yield Fault(thing, (*path, "resources", side), wrong)


@rule("pods/image", "Write registry/repository:tag, with a tag that is no moving one, or a digest.")
def image(drawn: Drawn) -> Iterator[Fault]:
    """Every image is whole and exact: a registry, a repository, and a tag or digest that stays."""
    for thing, _, each, path in drawn.containers():
        if not IMAGE.match(str(each.get("image"))):
            wrong = f"{thing.identity}: {each.get('name')}: image {each.get('image')}"
            yield Fault(thing, (*path, "image"), wrong)


@rule("pods/probes", "Add startupProbe, readinessProbe and livenessProbe: common.probes.", True)
def probes(drawn: Drawn) -> Iterator[Fault]:
    """Every server is asked whether it started, is ready and lives."""
    for thing in drawn.of_kind(*SERVERS):
        for pod in thing.pods:
            for each in pod["spec"].get("containers") or []:
                wanted = {"startupProbe", "readinessProbe", "livenessProbe"}
                missing = wanted - set(each)
                if missing:
                    wrong = (
                        f"{thing.identity}: {each.get('name')} has no {', '.join(sorted(missing))}"
                    )
                    yield Fault(thing, ("containers", f"name={each.get('name')}"), wrong)


@rule("pods/command", "Write the command; images then need no entrypoint script.", house=True)
def command(drawn: Drawn) -> Iterator[Fault]:
    """Every container says what it runs, whatever the image's entrypoint is."""
    for thing, _, each, path in drawn.containers():
        if not each.get("command") and thing.kind not in OPERATED:
            yield Fault(thing, path, f"{thing.identity}: {each.get('name')} has no command")


@rule("pods/merge-keys", "Let each stand once: the last one wins, or the API server refuses both.")
def merge_keys(drawn: Drawn) -> Iterator[Fault]:
    """What the API server merges by name stands once in its list."""
    for thing, pod in drawn.pods():
        spec = pod["spec"]
        every = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
        for where, entries in (("volumes", spec.get("volumes") or []), ("containers", every)):
            for name in _again(entries, "name"):
                wrong = f"{thing.identity}: {where}: {name} stands more than once"
                yield Fault(thing, ("spec", where, f"name={name}"), wrong)
        for each in every:
            for what, key in MERGED.items():
                for name in _again(each.get(what) or [], key):
                    wrong = f"{thing.identity}: {each.get('name')}: {what}: {name} again"
                    yield Fault(thing, (f"name={each.get('name')}", what), wrong)


def _again(entries: list[dict[str, Any]], key: str) -> list[Any]:
    keys = [(entry.get(key), entry.get("protocol")) for entry in entries]
    return [name for (name, _), count in Counter(keys).items() if count > 1]


@rule("pods/scaled", "Leave spec.replicas out where a HorizontalPodAutoscaler decides.")
def scaled(drawn: Drawn) -> Iterator[Fault]:
    """Replicas are set by the chart or by an autoscaler, never by both."""
    for scaler in drawn.of_kind("HorizontalPodAutoscaler"):
        target = scaler.spec.get("scaleTargetRef") or {}
        for thing in drawn.of_kind(str(target.get("kind"))):
            if thing.name == target.get("name") and "replicas" in thing.spec:
                wrong = f"{thing.identity} sets replicas, and {scaler.identity} scales it"
                yield Fault(thing, ("spec", "replicas"), wrong)


@rule("pods/drain", "Allow one pod to be away: maxUnavailable above 0.")
def drain(drawn: Drawn) -> Iterator[Fault]:
    """A budget never forbids every eviction, which would block a node's drain for good."""
    for thing in drawn.of_kind("PodDisruptionBudget"):
        if str(thing.spec.get("maxUnavailable", "1")) in {"0", "0%"}:
            yield Fault(
                thing, ("spec", "maxUnavailable"), f"{thing.identity} forbids all evictions"
            )
        if str(thing.spec.get("minAvailable", "0")) == "100%":
            yield Fault(thing, ("spec", "minAvailable"), f"{thing.identity} forbids all evictions")
