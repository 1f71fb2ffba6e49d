"""Retention: data and credentials outlive a scale-down, an upgrade and an uninstall."""

from collections.abc import Iterator
from typing import Any

from carbon.charts.annotations import ARGO_KEEP, KEEP, POLICY, is_kept_by_helm
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, to_json

ANNOTATION = f"{POLICY}: {KEEP}"
POLICY = "persistentVolumeClaimRetentionPolicy"
RECLAIMED = {
    "StorageClass": ("reclaimPolicy", "Delete"),
    "PersistentVolume": ("persistentVolumeReclaimPolicy", "Retain"),
    "VolumeSnapshotClass": ("deletionPolicy", "Delete"),
    "VolumeSnapshotContent": ("deletionPolicy", "Delete"),
}
"""Kinds with a field that decides whether data is deleted, and what an empty field means."""


@rule("retention/volumes", "Write Retain; users can set Delete in their values.", house=True)
def check_volumes(chart: RenderedChart) -> Iterator[Violation]:
    """A StatefulSet deletes volumes only if a values file sets Delete."""
    for obj in chart.of_kind("StatefulSet"):
        policy = obj.spec.get(POLICY) or {}
        for when in ("whenDeleted", "whenScaled"):
            if policy.get(when) == "Delete" and not chart.is_given("Delete"):
                wrong = f"{obj.identity}: {when}: Delete deletes the volumes and their data"
                yield Violation(obj, ("spec", POLICY, when), wrong)


@rule("retention/claims", "Render the PersistentVolumeClaim with common.claim.", house=True)
def check_claims(chart: RenderedChart) -> Iterator[Violation]:
    """A PersistentVolumeClaim outlives the release."""
    for obj in chart.of_kind("PersistentVolumeClaim"):
        if not is_kept_by_helm(obj.body):
            wrong = f"{obj.identity}: an uninstall deletes the data; annotate {ANNOTATION}"
            yield Violation(obj, ("metadata", "annotations"), wrong)


@rule("retention/pruning", "Add the annotations of common.keep.", house=True)
def check_pruning(chart: RenderedChart) -> Iterator[Violation]:
    """Argo CD does not prune an object that Helm keeps."""
    for obj in chart.objects:
        absent = [key for key, value in ARGO_KEEP.items() if obj.annotations.get(key) != value]
        if is_kept_by_helm(obj.body) and absent:
            wrong = f"{obj.identity} lacks {', '.join(absent)}, so Argo CD prunes the object"
            yield Violation(obj, ("metadata", "annotations"), wrong)


@rule("retention/reclaim", "Write Retain, or leave the object to the cluster's owner.", house=True)
def check_reclaim(chart: RenderedChart) -> Iterator[Violation]:
    """No storage object deletes data when a claim or a snapshot is deleted."""
    for obj in chart.of_kind(*RECLAIMED):
        key, default = RECLAIMED[obj.kind]
        if obj.body.get(key, obj.spec.get(key, default)) == "Delete":
            yield Violation(obj, (key,), f"{obj.identity}: {key} is Delete, which deletes data")


@rule("retention/cleanup", f"Annotate the ServiceAccount {ANNOTATION}.")
def check_cleanup(chart: RenderedChart) -> Iterator[Violation]:
    """The ServiceAccount of KubeRay's cleanup Job outlives the RayCluster.

    The Job, which deletes the state in Redis, starts after the deletion of the RayCluster.
    """
    accounts = {each.name: each for each in chart.of_kind("ServiceAccount")}
    for obj in chart.of_kind("RayCluster", "RayService"):
        spec = obj.spec.get("rayClusterConfig", obj.spec)
        head = (spec.get("headGroupSpec") or {}).get("template") or {}
        account = accounts.get(str((head.get("spec") or {}).get("serviceAccountName")))
        uses_redis = "gcsFaultToleranceOptions" in spec and account is not None
        if uses_redis and account and not is_kept_by_helm(account.body):
            wrong = f"{account.identity} is deleted before the cleanup Job of {obj.identity} runs"
            yield Violation(account, ("metadata", "annotations"), wrong)


@rule("retention/owners", "Remove the owner reference.", house=True)
def check_owners(chart: RenderedChart) -> Iterator[Violation]:
    """No object and no script sets an owner reference, by which Kubernetes deletes objects."""
    for obj in chart.objects:
        if obj.meta.get("ownerReferences"):
            wrong = f"{obj.identity} has an owner, and is deleted with the owner"
            yield Violation(obj, ("metadata", "ownerReferences"), wrong)
        data: dict[str, Any] = obj.body.get("data") or {} if obj.kind == "ConfigMap" else {}
        for name, text in data.items():
            if "ownerReferences" in to_json({"text": text}):
                wrong = f"{obj.identity}: {name} sets ownerReferences, so its objects are deleted"
                yield Violation(obj, ("data", name), wrong)
