"""Workloads that vanish, move, run again or change how they scale and roll out."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import KeyPath
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import get_path, iterate_leaves
from carbon.upgrade.objects.comparison import RUNNING, Comparison, get_template_path
from carbon.upgrade.objects.pairing import Pair, remove_hash
from carbon.upgrade.rules.immutable import HOOK

_CHART = "helm.sh/chart"
_STRATEGIES = {
    "Deployment": (("spec", "strategy"), "Recreate"),
    "StatefulSet": (("spec", "updateStrategy"), "OnDelete"),
}
"""The path of the strategy, and the one that the API server refuses beside rollingUpdate."""


def find_vanished(comparison: Comparison) -> Iterator[Finding]:
    """Yield each object that vanishes, and each that moves to another name or namespace."""
    for pair in comparison.pairs:
        meta = [(body.get("metadata") or {}) for body in (pair.old, pair.new)]
        if pair.is_renamed and meta[0].get("namespace", "") != meta[1].get("namespace", ""):
            yield _report_moved(pair, *(each.get("namespace", "") for each in meta))
        elif pair.kind == "Job" and pair.old and not pair.is_kept:
            yield _report_job(pair)
        elif pair.old and not pair.is_kept and pair.kind in (*RUNNING, "CronJob", "ServiceAccount"):
            yield _report_gone(pair)


def _report_moved(pair: Pair, old: str, new: str) -> Finding:
    return Finding(
        "workload/namespace",
        Severity.BREAKING,
        pair.name,
        ("metadata", "namespace"),
        "moves to another namespace",
        "Helm creates a second object there and deletes the first: data, addresses and Secrets do "
        "not move with it.",
        "Keep the namespace.",
        old,
        new,
    )


def _report_job(pair: Pair) -> Finding:
    _, name = pair.names
    return Finding(
        "job/name",
        Severity.NOTE,
        remove_hash(pair.name),
        ("metadata", "name"),
        "runs again as a new Job" if name else "is no longer contained in the release",
        "Helm deletes the old Job; the new Job repeats its work."
        if name
        else "Helm deletes the Job.",
        "",
        *pair.names,
    )


def _report_gone(pair: Pair) -> Finding:
    _, name = pair.names
    account = pair.kind == "ServiceAccount"
    why = "Helm deletes its pods" + (", and new pods start at the same time." if name else ".")
    return Finding(
        "workload/name",
        Severity.PERSON,
        pair.name,
        ("metadata", "name"),
        f"is renamed to {name}" if name else "is no longer contained in the release",
        "Roles and cloud identities outside the release that name it no longer apply."
        if account
        else why,
        "Keep the name.",
        *pair.names,
    )


def find_hook_changes(comparison: Comparison) -> Iterator[Finding]:
    """Yield each object that becomes a hook of Helm, or no longer is one."""
    path = HOOK
    for pair in comparison.kept:
        old, new = (get_path(body, path) for body in (pair.old, pair.new))
        if old and not new:
            yield Finding(
                "hook/removed",
                Severity.BREAKING,
                pair.name,
                path,
                "is a hook in the old version only",
                "Helm does not own an object that a hook created: the upgrade fails because the "
                "object exists.",
                "Give the object another name, or document its deletion before the upgrade.",
                old,
            )
        elif new and not old:
            yield Finding(
                "hook/added",
                Severity.PERSON,
                pair.name,
                path,
                "becomes a hook",
                "Helm deletes the object of the release, and later does not remove the hook's "
                "object on uninstall.",
                "Render an ordinary object.",
                new=new,
            )


def find_rollout_changes(comparison: Comparison) -> Iterator[Finding]:
    """Yield each change of a strategy that leaves the settings of a rolling update."""
    for pair in comparison.of_kind(*_STRATEGIES):
        base, strategy = _STRATEGIES[pair.kind]
        if not pair.new or get_path(pair.new, (*base, "type")) != strategy:
            continue
        given: Any = get_path(pair.after, base) or {}
        is_null = "rollingUpdate" in given and given["rollingUpdate"] is None
        was_rolling = pair.is_kept and get_path(pair.old, (*base, "type")) != strategy
        # An upgrade deletes what the old version sets. Defaults of the API server stay, unless Helm
        # 3 sends a null or replaces the strategy of a Deployment. Server-side apply ignores nulls.
        in_old = get_path(pair.before, (*base, "rollingUpdate"))
        if given.get("rollingUpdate") or (was_rolling and not in_old):
            always = bool(given.get("rollingUpdate"))
            deleted = pair.kind == "Deployment" or is_null
            yield Finding(
                "rollout/strategy",
                Severity.BREAKING,
                pair.name,
                (*base, "rollingUpdate"),
                f"sets the strategy {strategy} and rollingUpdate"
                if always
                else f"changes the strategy from RollingUpdate to {strategy}",
                f"The API server refuses rollingUpdate beside {strategy}, and an upgrade does not "
                "remove the defaults that the API server has set.",
                f"Keep RollingUpdate, or render rollingUpdate: null with {strategy} and document "
                "`helm upgrade --server-side=false` for one upgrade.",
                get_path(pair.old, (*base, "type")) if pair.old else None,
                strategy,
                helm=("3", "4") if always or not deleted else ("4",),
            )


def find_scale_changes(comparison: Comparison) -> Iterator[Finding]:
    """Yield each workload whose number of pods an upgrade resets."""
    scaled = {_get_target(body): body for body in comparison.new if _is_autoscaler(body)}
    known = {_get_target(body): body for body in comparison.old if _is_autoscaler(body)}
    path = ("spec", "replicas")
    for pair in comparison.of_kind("Deployment", "StatefulSet"):
        if not pair.is_kept or pair.before is None or pair.after is None:
            continue
        old, new = get_path(pair.before, path), get_path(pair.after, path)
        if pair.name in scaled and new is not None:
            if old is None or pair.name not in known:
                yield _report_scale(
                    pair, "sets replicas beside a HorizontalPodAutoscaler", old, new
                )
        elif old is not None and new is None and old != 1:
            yield _report_scale(pair, "no longer sets replicas", old, new)
        elif get_path(pair.old, path) != get_path(pair.new, path):
            yield Finding(
                "scale/replicas",
                Severity.NOTE,
                pair.name,
                path,
                "changes the number of pods",
                "Pods start or stop.",
                "",
                old,
                new,
            )


def _report_scale(pair: Pair, what: str, old: Any, new: Any) -> Finding:
    return Finding(
        "scale/reset",
        Severity.PERSON,
        pair.name,
        ("spec", "replicas"),
        what,
        "Each upgrade sets the number of pods back, whatever the autoscaler has chosen."
        if new is not None
        else "The upgrade removes the field, the API server sets 1, and pods stop.",
        "Render replicas only without an autoscaler."
        if new is not None
        else "Set the number again after the upgrade, or render the field for one more release.",
        old,
        new,
    )


def _is_autoscaler(body: Object) -> bool:
    return body.get("kind") == "HorizontalPodAutoscaler"


def _get_target(body: Object) -> str:
    target = (body.get("spec") or {}).get("scaleTargetRef") or {}
    return f"{target.get('kind')}/{target.get('name')}"


def find_version_labels(comparison: Comparison) -> Iterator[Finding]:
    """Yield each field of pods and claims that has the version of the chart as its value.

    Such a field changes with every release, even if nothing else does.
    """
    for pair in comparison.pairs:
        before, version = (
            get_path(body, ("metadata", "labels", _CHART)) for body in (pair.old, pair.new)
        )
        if not isinstance(version, str):
            continue
        for base, what in _list_stable_fields(pair.kind):
            leaves = iterate_leaves(get_path(pair.old, base), base)
            known = {path for path, value in leaves if value == before}
            for path, value in iterate_leaves(get_path(pair.new, base), base):
                if value == version and path not in known:
                    yield _report_version(pair, path, value, what)


def _list_stable_fields(kind: str) -> Iterator[tuple[KeyPath, str]]:
    base = get_template_path(kind)
    if base:
        yield base, "pods"
    yield ("spec", "selector"), "selector"
    yield ("spec", "volumeClaimTemplates"), "claims"


def _report_version(pair: Pair, path: KeyPath, value: Any, what: str) -> Finding:
    job = pair.kind in ("Job", "CronJob")
    pods = "The Job runs again" if job else "All pods restart"
    return Finding(
        "version/label",
        Severity.PERSON if what == "pods" else Severity.BREAKING,
        pair.name,
        path,
        "contains the version of the chart",
        f"{pods} with every release, even if nothing else changes."
        if what == "pods"
        else "The field is immutable, so that the next release can't be installed.",
        "Label the object only, not its pods, selector or claims.",
        new=value,
    )
