"""Rolling updates and evictions: some replicas keep running, and updates and drains proceed."""

import math
from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import SERVERS, RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.references import find_maps
from carbon.check.rules.selectors import read_selector, selects

SCRIPTS = (".py", ".sh", ".sql")
SCALED = ("Deployment", "StatefulSet")
ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}
"""Access modes of volumes that pods on two nodes can't mount at once."""


def count_replicas(chart: RenderedChart, obj: RenderedObject) -> int:
    """Return minReplicas of a workload's HorizontalPodAutoscaler, or else its replicas."""
    for scaler in chart.of_kind("HorizontalPodAutoscaler"):
        target = scaler.spec.get("scaleTargetRef") or {}
        if (target.get("kind"), target.get("name")) == (obj.kind, obj.name):
            return int(scaler.spec.get("minReplicas", 1))
    return int(obj.spec.get("replicas", 1))


def resolve(amount: Any, replicas: int, up: bool) -> int:
    """Return a number of pods from a number or a percentage of the replicas; `up` rounds up."""
    text = str(amount)
    if not text.endswith("%"):
        return int(text)
    exact = replicas * int(text[:-1]) / 100
    return math.ceil(exact) if up else math.floor(exact)


@rule(
    "rollouts/available",
    "Set type: RollingUpdate, and maxUnavailable below the number of replicas.",
)
def check_available(chart: RenderedChart) -> Iterator[Violation]:
    """A rolling update leaves at least one of several replicas running."""
    for obj in chart.of_kind("Deployment"):
        replicas = count_replicas(chart, obj)
        strategy = obj.spec.get("strategy") or {}
        path = ("spec", "strategy")
        if replicas > 1 and strategy.get("type") == "Recreate":
            wrong = f"{obj.identity}: Recreate stops all {replicas} replicas at once"
            yield Violation(obj, (*path, "type"), wrong)
        given = (strategy.get("rollingUpdate") or {}).get("maxUnavailable", "25%")
        if replicas > 1 and resolve(given, replicas, up=False) >= replicas:
            wrong = f"{obj.identity}: an update may stop {given} of {replicas} replicas at once"
            yield Violation(obj, (*path, "rollingUpdate", "maxUnavailable"), wrong)
    for obj in chart.of_kind("DaemonSet"):
        rolling = (obj.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
        if str(rolling.get("maxUnavailable")) == "100%":
            wrong = f"{obj.identity}: an update may stop the pods of all nodes at once"
            yield Violation(obj, ("spec", "updateStrategy", "maxUnavailable"), wrong)


@rule("rollouts/progress", "Set maxSurge or maxUnavailable above 0, and partition to 0.")
def check_progress(chart: RenderedChart) -> Iterator[Violation]:
    """A rolling update reaches every replica."""
    for obj in chart.of_kind("Deployment"):
        rolling = (obj.spec.get("strategy") or {}).get("rollingUpdate") or {}
        both = rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%")
        if all(str(each) in {"0", "0%"} for each in both):
            wrong = f"{obj.identity}: maxSurge and maxUnavailable are 0, so no update can start"
            yield Violation(obj, ("spec", "strategy", "rollingUpdate", "maxUnavailable"), wrong)
    for obj in chart.of_kind("StatefulSet"):
        rolling = (obj.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
        first, replicas = int(rolling.get("partition", 0)), count_replicas(chart, obj)
        if first >= replicas > 0:
            wrong = f"{obj.identity}: with partition {first} no update reaches {replicas} replicas"
            yield Violation(obj, ("spec", "updateStrategy", "partition"), wrong)


@rule(
    "rollouts/configuration",
    "Pass the ConfigMap's content to common.podMetadata as the checksum.",
    house=True,
)
def check_configuration(chart: RenderedChart) -> Iterator[Violation]:
    """A change of settings in a mounted ConfigMap replaces the pods of a server.

    A ConfigMap with scripts only is exempt: each run of a script reads its current text.
    """
    maps = chart.of_kind("ConfigMap")
    there = {m.name for m in maps if any(not k.endswith(SCRIPTS) for k in m.body.get("data") or {})}
    for obj, pod in chart.pods():
        annotations = (pod.get("metadata") or {}).get("annotations") or {}
        if obj.kind not in SERVERS or any(key.startswith("checksum/") for key in annotations):
            continue
        mounted = {str(each.get("name")) for each in find_maps(pod, "configMap")} & there
        if mounted:
            wrong = f"{obj.identity}: no annotation changes with ConfigMap/{min(mounted)}"
            path = ("spec", "template", "metadata", "annotations")
            yield Violation(obj, path, f"{wrong}, so the pods keep its old content")


@rule("rollouts/volume", "Set strategy.type: Recreate and one replica.", house=True)
def check_volume(chart: RenderedChart) -> Iterator[Violation]:
    """Two pods of a Deployment never need one ReadWriteOnce volume at once."""
    claims = {each.name: each for each in chart.of_kind("PersistentVolumeClaim")}
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or [] if obj.kind == "Deployment" else []:
            claim = claims.get(str((volume.get("persistentVolumeClaim") or {}).get("claimName")))
            modes = set(claim.spec.get("accessModes") or []) if claim else set()
            if not modes or modes - ONE_NODE:
                continue
            strategy = obj.spec.get("strategy") or {}
            surge = (strategy.get("rollingUpdate") or {}).get("maxSurge", "25%")
            alone = strategy.get("type") == "Recreate" or str(surge) in {"0", "0%"}
            if not alone or count_replicas(chart, obj) > 1:
                wrong = f"{obj.identity}: a second pod can't mount {volume['name']} on another node"
                yield Violation(obj, ("spec", "strategy"), wrong)


@rule("pods/drain", "Set maxUnavailable: 1.")
def check_drain(chart: RenderedChart) -> Iterator[Violation]:
    """A PodDisruptionBudget allows evictions, so that node drains end, but not of all replicas."""
    for obj in chart.of_kind("PodDisruptionBudget"):
        stated = {
            key: obj.spec[key] for key in ("minAvailable", "maxUnavailable") if key in obj.spec
        }
        if len(stated) != 1:
            wrong = f"{obj.identity} sets {' and '.join(stated) or 'neither'}"
            wrong = f"{wrong}, not exactly one of minAvailable and maxUnavailable"
            yield Violation(obj, ("spec", *stated), wrong)
            continue
        ((key, amount),) = stated.items()
        for replicas in _list_replicas(chart, obj):
            most = resolve(amount, replicas, up=True)
            most = replicas - most if key == "minAvailable" else most
            of = f"{key} {amount} of {replicas} replicas" if replicas > 1 else f"{key} {amount}"
            if most <= 0:
                yield Violation(obj, ("spec", key), f"{obj.identity}: {of} allows no eviction")
            elif most >= replicas > 1:
                wrong = f"{obj.identity}: {of} allows to evict all replicas at once"
                yield Violation(obj, ("spec", key), wrong)


def _list_replicas(chart: RenderedChart, budget: RenderedObject) -> list[int]:
    """Return the replicas of each workload that a budget selects; [100] if it selects none."""
    wanted = read_selector(budget)
    found = [
        count_replicas(chart, obj)
        for obj, pod in chart.pods()
        if obj.kind in SCALED and selects(wanted, pod_labels(pod))
    ]
    return [number for number in found if number] if found else [100]
