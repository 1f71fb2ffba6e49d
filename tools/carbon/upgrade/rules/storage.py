"""Storage that vanishes, is renamed, or is no longer used by its pods."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.annotations import KEEP, POLICY, is_kept_by_helm
from carbon.charts.quantities import read_quantity
from carbon.charts.render import Object
from carbon.check.findings import KeyPath
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import get_path
from carbon.upgrade.objects.comparison import (
    Comparison,
    get_pod_spec,
    get_template_path,
    list_containers,
)
from carbon.upgrade.objects.pairing import Pair

_SIZE: KeyPath = ("spec", "resources", "requests", "storage")
_RETENTION: KeyPath = ("spec", "persistentVolumeClaimRetentionPolicy")


def find_lost_storage(comparison: Comparison) -> Iterator[Finding]:
    """Yield each claim, and each StatefulSet with claims, that vanishes or is renamed."""
    for pair in comparison.of_kind("PersistentVolumeClaim"):
        if pair.old and not pair.is_kept:
            yield _report_claim(pair)
        elif pair.is_kept:
            yield from _compare_policy(pair)
            yield from _compare_size(pair)
    for pair in comparison.of_kind("StatefulSet"):
        if pair.old and not pair.is_kept and pair.old["spec"].get("volumeClaimTemplates"):
            yield _report_set(pair)
        elif pair.is_kept:
            yield from _compare_retention(pair)


def find_moved_storage(comparison: Comparison) -> Iterator[Finding]:
    """Yield each volume whose claim, place in the container or user changes."""
    for pair in comparison.pairs:
        if pair.old and pair.new and (before := _list_volumes(pair.old)):
            after = _list_volumes(pair.new)
            for name, claim in before.items():
                if after.get(name) != claim:
                    yield _report_volume(pair, name, claim, after.get(name))
            yield from _compare_mounts(pair, set(before) & set(after))
            yield from _compare_users(pair)


def _report_claim(pair: Pair) -> Finding:
    _, name = pair.names
    return Finding(
        "storage/claim",
        Severity.BREAKING,
        pair.name,
        ("metadata", "name"),
        f"renames the claim to {name}" if name else "no longer contains the claim",
        "Helm keeps the old claim, but no pod uses it: pods start with an empty volume."
        if is_kept_by_helm(pair.old)
        else "Helm deletes the claim, and the data of its volume is lost.",
        "Keep the name of the claim. To move to another claim, copy the data first, and annotate "
        f"the old claim with {POLICY}: {KEEP}.",
        *pair.names,
    )


def _report_set(pair: Pair) -> Finding:
    _, name = pair.names
    return Finding(
        "storage/claim",
        Severity.BREAKING if name else Severity.PERSON,
        pair.name,
        ("metadata", "name"),
        f"renames the StatefulSet to {name}" if name else "no longer contains the StatefulSet",
        "The names of its claims contain its name: the new pods start with empty volumes, and the "
        "old claims remain."
        if name
        else "Helm deletes its pods. The claims and their data remain, and no pod uses them.",
        "Keep the name of the StatefulSet, or copy the data before the upgrade."
        if name
        else "Copy the data that is still needed, then delete the claims.",
        *pair.names,
    )


def _compare_policy(pair: Pair) -> Iterator[Finding]:
    if is_kept_by_helm(pair.old) and not is_kept_by_helm(pair.new):
        yield Finding(
            "storage/policy",
            Severity.PERSON,
            pair.name,
            ("metadata", "annotations", POLICY),
            "removes the annotation with which Helm keeps the claim",
            "The next uninstall, or a release without the claim, deletes the data.",
            "Keep the annotation.",
            KEEP,
        )


def _compare_size(pair: Pair) -> Iterator[Finding]:
    old, new = get_path(pair.old, _SIZE), get_path(pair.new, _SIZE)
    before, after = read_quantity(old), read_quantity(new)
    if before is None or after is None or before == after:
        return
    if after < before:
        yield Finding(
            "storage/size",
            Severity.BREAKING,
            pair.name,
            _SIZE,
            "makes the claim smaller",
            "The API server refuses the update, and the upgrade fails.",
            "Keep the size. A smaller volume needs a new claim and a copy of the data.",
            old,
            new,
            helm=("3", "4"),
        )
    else:
        yield Finding(
            "storage/size",
            Severity.NOTE,
            pair.name,
            _SIZE,
            "makes the claim larger",
            "The volume grows if its StorageClass has allowVolumeExpansion.",
            "",
            old,
            new,
        )


def _compare_retention(pair: Pair) -> Iterator[Finding]:
    before, after = (get_path(body, _RETENTION) or {} for body in (pair.old, pair.new))
    for key in ("whenDeleted", "whenScaled"):
        if before.get(key) != "Delete" and after.get(key) == "Delete":
            yield Finding(
                "storage/policy",
                Severity.PERSON,
                pair.name,
                (*_RETENTION, key),
                "lets Kubernetes delete the claims of the StatefulSet",
                "Claims that outlive the pods until now are deleted with them.",
                "Write Retain.",
                before.get(key),
                "Delete",
            )


def _list_volumes(body: Object) -> dict[str, str]:
    """Return name -> claim of the persistent volumes of an object's pods."""
    found = {}
    for each in get_pod_spec(body).get("volumes") or []:
        if "persistentVolumeClaim" in each:
            found[str(each["name"])] = str(each["persistentVolumeClaim"].get("claimName"))
    for each in (body.get("spec") or {}).get("volumeClaimTemplates") or []:
        found[str(each["metadata"]["name"])] = "a claim template"
    return found


def _report_volume(pair: Pair, name: str, claim: str, other: str | None) -> Finding:
    base = get_template_path(pair.kind) or ()
    templated = claim == "a claim template"
    path: KeyPath = (
        ("spec", "volumeClaimTemplates", name)
        if templated
        else (*base, "spec", "volumes", f"name={name}", "persistentVolumeClaim", "claimName")
    )
    return Finding(
        "storage/volume",
        Severity.BREAKING,
        pair.name,
        path,
        f"changes the claim of the volume {name}"
        if other
        else f"no longer has the persistent volume {name}",
        "The pods start without the data of the old volume.",
        "Keep the claim, or copy the data to the new claim before the upgrade.",
        claim,
        other,
    )


def _compare_mounts(pair: Pair, volumes: set[str]) -> Iterator[Finding]:
    before, after = (dict(_list_mounts(body, volumes)) for body in (pair.old, pair.new))
    for (path, volume), place in before.items():
        if (path, volume) in after and after[path, volume] != place:
            other = after[path, volume]
            field = next(key for key in place if place[key] != other[key])
            yield Finding(
                "storage/mount",
                Severity.PERSON,
                pair.name,
                (*path, "volumeMounts", f"name={volume}", field),
                f"mounts the volume {volume} elsewhere",
                "The program finds its data only if its configuration changes alike.",
                "Keep the place, or move the data inside the volume before the upgrade.",
                place[field],
                other[field],
            )


def _list_mounts(
    body: Object, volumes: set[str]
) -> Iterator[tuple[tuple[KeyPath, str], dict[str, Any]]]:
    for path, container in list_containers(body):
        mounts = [m for m in container.get("volumeMounts") or [] if m.get("name") in volumes]
        names = [mount["name"] for mount in mounts]
        for mount in mounts:
            if names.count(mount["name"]) == 1:
                place = {key: mount.get(key, "") for key in ("mountPath", "subPath")}
                yield (path, str(mount["name"])), place


def _compare_users(pair: Pair) -> Iterator[Finding]:
    base = (*(get_template_path(pair.kind) or ()), "spec", "securityContext")
    for key in ("runAsUser", "fsGroup"):
        old, new = (get_path(body, (*base, key)) for body in (pair.old, pair.new))
        if old is not None and old != new:
            yield Finding(
                "storage/owner",
                Severity.PERSON,
                pair.name,
                (*base, key),
                f"changes {key} of pods with a persistent volume",
                "The files of the volume belong to the old user, and the new user may not read "
                "them.",
                "Change the owner of the files before the upgrade, or keep the user.",
                old,
                new,
            )
