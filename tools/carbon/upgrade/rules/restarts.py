"""Pods that restart, and the fields that cause it."""

from collections.abc import Iterator

from carbon.charts.render import Object, identity
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import Change
from carbon.upgrade.objects.comparison import RUNNING, Comparison, get_template_path
from carbon.upgrade.objects.pairing import Pair
from carbon.upgrade.rules.references import list_references

_CLUSTERS = {"RayCluster": ("spec",), "RayService": ("spec", "rayClusterConfig")}
"""Kind -> the path of the Ray cluster from which KubeRay creates pods."""
_SCALING = {"replicas", "minReplicas", "maxReplicas", "scaleStrategy"}
_IGNORED = {*_SCALING, "tolerations", "schedulingGates", "upgradeStrategy", "managedBy"}
"""Fields whose change replaces no pods: GenerateHashWithoutReplicasAndWorkersToDelete of KubeRay
1.6.2 (controllers/ray/utils/util.go) leaves them out; managedBy is immutable."""


def find_restarts(comparison: Comparison) -> Iterator[Finding]:
    """Yield each changed field of a pod template, which restarts the pods of a workload."""
    changed = {pair.name for pair in comparison.pairs if not pair.is_kept or pair.changes}
    for pair in comparison.kept:
        path, cluster = get_template_path(pair.kind), _CLUSTERS.get(pair.kind)
        for change in pair.changes:
            if pair.kind in RUNNING and path and change.path[: len(path)] == path:
                yield _report(pair, change, changed)
            elif cluster and change.path[: len(cluster)] == cluster and _is_hashed(change):
                yield _report_ray(pair, change)


def _report(pair: Pair, change: Change, changed: set[str]) -> Finding:
    last = change.path[-1]
    what = "changes the pod template"
    if last.startswith("checksum/"):
        sources = sorted(_list_sources(pair.new) & changed)
        what = (
            f"follows a change of {', '.join(sources)}"
            if sources
            else "changes a checksum whose source is not in the release"
        )
    elif change.is_added or change.is_removed:
        what = f"{'adds to' if change.is_added else 'removes from'} the pod template"
    return Finding(
        "restart/template",
        Severity.RESTART,
        pair.name,
        change.path,
        what,
        _describe_rollout(pair.new),
        old=change.old,
        new=change.new,
    )


def _list_sources(body: Object) -> set[str]:
    """Return the Secrets and ConfigMaps that an object reads, as Kind/name."""
    return {reference.target for reference in list_references(body)}


def _describe_rollout(body: Object) -> str:
    """Return how a workload replaces its pods."""
    spec = body.get("spec") or {}
    kind, count = identity(body).partition("/")[0], spec.get("replicas", 1)
    if (spec.get("strategy") or {}).get("type") == "Recreate":
        return "All pods stop before new pods start: nothing serves in between."
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return "The pods keep the old template until they are deleted."
    if kind == "StatefulSet":
        if count == 1:
            return "The only pod stops before its successor starts: nothing serves in between."
        return "The pods restart one after the other."
    if kind == "DaemonSet":
        return "The pod of each node restarts, one node after the other."
    return "New pods start before old pods stop."


def _is_hashed(change: Change) -> bool:
    """Return whether KubeRay compares the field to decide whether to replace pods."""
    return not _IGNORED & set(change.path)


def _report_ray(pair: Pair, change: Change) -> Finding:
    strategy = ((pair.new.get("spec") or {}).get("upgradeStrategy") or {}).get("type")
    service = pair.kind == "RayService"
    replaces = strategy != "None" if service else strategy == "Recreate"
    if not replaces:
        why = "The pods keep the old template until they are deleted."
        remedy = "docs/ray-modes.md explains how to replace the pods."
    elif service:
        why = "KubeRay starts a second Ray cluster, and switches to it when it serves."
        remedy = "Check that nodes and quota have room for both."
    else:
        why = "KubeRay deletes all pods of the Ray cluster and creates others: running jobs fail."
        remedy = "Wait until no job runs."
    return Finding(
        "restart/ray",
        Severity.RESTART if replaces else Severity.NOTE,
        pair.name,
        change.path,
        "changes the Ray cluster",
        why,
        remedy,
        old=change.old,
        new=change.new,
    )
