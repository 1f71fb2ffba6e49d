"""Velero: backups end, outlive their Schedule, and go to a location that exists."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

INSTANCE = "app.kubernetes.io/instance"
"""The label by which Argo CD may track, and prune, objects of a release."""
LOCATIONS = {
    "storageLocation": "BackupStorageLocation",
    "volumeSnapshotLocations": "VolumeSnapshotLocation",
}
_DURATION = re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")


@rule("backups/ttl", "Write spec.template.ttl as a duration, such as 720h0m0s.", house=True)
def check_ttl(chart: RenderedChart) -> Iterator[Violation]:
    """A Velero Schedule states when its backups are deleted."""
    for obj in chart.of_kind("Schedule"):
        ttl = str((obj.spec.get("template") or {}).get("ttl") or "")
        if not ttl:
            wrong = f"{obj.identity} has no ttl: the server decides when its backups are deleted"
            yield Violation(obj, ("spec", "template", "ttl"), wrong)
        elif not _DURATION.fullmatch(ttl) or not re.search(r"[1-9]", ttl):
            wrong = f"{obj.identity}: the ttl {ttl} is not a duration above zero"
            yield Violation(obj, ("spec", "template", "ttl"), wrong)


@rule("backups/outlive", "Write useOwnerReferencesInBackup: false.")
def check_outlive(chart: RenderedChart) -> Iterator[Violation]:
    """The backups of a Velero Schedule outlive the Schedule."""
    for obj in chart.of_kind("Schedule"):
        if obj.spec.get("useOwnerReferencesInBackup"):
            wrong = f"{obj.identity}: a deletion of the Schedule deletes its backups"
            yield Violation(obj, ("spec", "useOwnerReferencesInBackup"), wrong)


@rule("backups/pruned", f"Set spec.template.metadata.labels, without {INSTANCE}.", house=True)
def check_pruned(chart: RenderedChart) -> Iterator[Violation]:
    """A backup has no label of its release: Argo CD would prune the backup.

    Velero copies the labels of the Schedule to each backup, unless spec.template.metadata.labels
    sets others (FromSchedule in pkg/builder/backup_builder.go of Velero 1.18).
    """
    for obj in chart.of_kind("Schedule"):
        meta = (obj.spec.get("template") or {}).get("metadata") or {}
        if INSTANCE in meta.get("labels", obj.labels):
            wrong = f"{obj.identity}: its backups get the label {INSTANCE}"
            yield Violation(obj, ("spec", "template", "metadata"), wrong)


@rule("backups/drift", "Write skipImmediately: false.", house=True)
def check_drift(chart: RenderedChart) -> Iterator[Violation]:
    """A Schedule sets skipImmediately: false, as Velero does; otherwise Argo CD shows a change."""
    for obj in chart.of_kind("Schedule"):
        if obj.spec.get("skipImmediately") is not False:
            wrong = f"{obj.identity}: skipImmediately is not false, so Velero changes the field"
            yield Violation(obj, ("spec", "skipImmediately"), wrong)


@rule("backups/location", "Render the location, or take its name from the values.")
def check_location(chart: RenderedChart) -> Iterator[Violation]:
    """The chart renders the locations of a Velero Schedule, or a values file names them."""
    for obj in chart.of_kind("Schedule", "Backup"):
        template = obj.spec.get("template") or {} if obj.kind == "Schedule" else obj.spec
        for key, kind in LOCATIONS.items():
            stated = template.get(key) or []
            for name in [stated] if isinstance(stated, str) else stated:
                if name not in chart.names(kind) and not chart.is_given(name):
                    wrong = f"{obj.identity}: the chart renders no {kind}/{name}"
                    wrong = f"{wrong}, and no values file names it"
                    yield Violation(obj, ("spec", "template", key), wrong)


@rule("backups/hooks", "Write onError: Fail.")
def check_hooks(chart: RenderedChart) -> Iterator[Violation]:
    """The backup fails if a hook fails: without the hook, its copy of a store is inconsistent."""
    for obj in chart.of_kind("Schedule", "Backup"):
        template = obj.spec.get("template") or {} if obj.kind == "Schedule" else obj.spec
        for resource in (template.get("hooks") or {}).get("resources") or []:
            for step in ("pre", "post"):
                for hook in resource.get(step) or []:
                    if (hook.get("exec") or {}).get("onError", "Fail") != "Fail":
                        wrong = (
                            f"{obj.identity}: the backup completes although the hook {step} "
                            f"of {resource.get('name')} fails"
                        )
                        yield Violation(obj, ("spec", "template", "hooks", "onError"), wrong)


@rule("backups/namespace", "Set the namespace to that of Velero: velero.namespace.", house=True)
def check_namespace(chart: RenderedChart) -> Iterator[Violation]:
    """The objects of Velero are in the namespace of Velero, which reads no other namespace."""
    namespaces = set(_list_velero_namespaces(chart.values))
    for obj in chart.objects:
        namespace = obj.meta.get("namespace") or chart.namespace
        foreign = namespaces and namespace not in namespaces
        if foreign and str(obj.body.get("apiVersion")).startswith("velero.io/"):
            wrong = f"{obj.identity} is in the namespace {namespace}, where Velero does not look"
            yield Violation(obj, ("metadata", "namespace"), wrong)


def _list_velero_namespaces(values: Any) -> Iterator[str]:
    """Yield the value of each key velero.namespace, those of subcharts included."""
    for key, value in values.items() if isinstance(values, Mapping) else ():
        if key == "velero" and isinstance(value, Mapping) and value.get("namespace"):
            yield str(value["namespace"])
        yield from _list_velero_namespaces(value)
