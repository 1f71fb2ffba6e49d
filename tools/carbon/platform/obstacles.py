"""Finds what pods wait for: Secrets, ConfigMaps, images and volumes that do not exist."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.operators import not_equal
from lightkube.resources.core_v1 import ConfigMap, PersistentVolumeClaim, Pod, Secret
from lightkube.resources.storage_v1 import StorageClass

from carbon.platform.target import Target

_ExternalSecret = create_namespaced_resource(
    "external-secrets.io", "v1", "ExternalSecret", "externalsecrets"
)
_REFERENCES = {
    **dict.fromkeys(("secretKeyRef", "secretRef", "secret"), "Secret"),
    **dict.fromkeys(("configMapKeyRef", "configMapRef", "configMap"), "ConfigMap"),
}
"""Field of a volume or container that names an object -> the object's kind."""
_CONFIG = "CreateContainerConfigError"
_IMAGES = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")
_PULL = re.compile(
    r'^(Back-off pulling image "[^"]*"(: )?)?(\w+: )?(failed to pull and unpack image "[^"]*": )?'
)
"""The beginning of the kubelet's and containerd's messages, which only repeats the image."""
_HELM = "helm.sh/release.v1"
"""Type of the Secrets in which Helm stores releases, which are large."""
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_REMEDIES = {
    "Secret": "Create the Secret (kubectl create secret generic {name} --from-literal=KEY=VALUE), "
    "restore it from a backup (docs/backup.md), or correct the value that names it.",
    "ConfigMap": "Create ConfigMap {name}, or correct the value that names it.",
    "image": "Correct the image in the values. A private registry needs global.images.pullSecrets.",
    "volume": "Create the missing claim, PersistentVolume or StorageClass, or set another claim or "
    "StorageClass in the values.",
    "Job": "Correct what the log of Job {name} reports. If the Job still exists, delete it, "
    "so that it runs again (kubectl delete job {name}).",
    "pods": "Raise the ResourceQuota, lower resources or replicas in the values, or correct what "
    "else the message names.",
    "container": "Correct the values of this container, or the keys of the Secret or ConfigMap "
    "that it uses.",
}


_Found = tuple[str, str, str]
"""Kind, name and description of what a pod waits for."""


@dataclass(frozen=True)
class Obstacle:
    """What a release waits for in vain, such as an object that does not exist or can't be used."""

    kind: str
    name: str
    what: str
    pods: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} (needed by {', '.join(self.pods)})" if self.pods else self.what

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name."""
        return self.kind, self.name

    @property
    def remedy(self) -> str:
        """What a user can do."""
        return _REMEDIES[self.kind].format(name=self.name)


@dataclass(frozen=True)
class Existing:
    """Names of the objects of a namespace that pods can refer to."""

    secrets: frozenset[str]
    """Existing Secrets, and Secrets that a Job or an operator is about to create."""
    config_maps: frozenset[str]
    claims: Mapping[str, str]
    """Name of a PersistentVolumeClaim -> why it has no volume; empty if it has or can get one."""


def is_waiting(pod: Pod) -> bool:
    """Return whether a pod is Pending, or has a container in the state Waiting.

    Such a container is, for example, in CrashLoopBackOff.
    """
    status = pod.status
    if not status or status.phase in ("Succeeded", "Failed"):
        return False
    states = [*(status.initContainerStatuses or []), *(status.containerStatuses or [])]
    return status.phase == "Pending" or any(c.state and c.state.waiting for c in states)


def list_obstacles(pods: Iterable[Pod], existing: Existing) -> list[Obstacle]:
    """Return what the waiting pods wait for: each object once, with the names of these pods."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    reasons: dict[tuple[str, str], str] = {}
    for pod in pods:
        name = (pod.metadata.name if pod.metadata else None) or ""
        for kind, missing, what in dict.fromkeys(_inspect(pod, existing)):
            found[kind, missing].append(name)
            reasons.setdefault((kind, missing), what)
    return [Obstacle(*key, reasons[key], tuple(sorted({*pods}))) for key, pods in found.items()]


def read_existing(target: Target, coming: Iterable[str] = ()) -> Existing:
    """Read the names from the API server; `coming` are Secrets that a Job is about to create.

    Raises:
        ApiError: the user is not allowed to list the objects.
    """
    client, namespace = target.client, target.namespace
    own = client.list(Secret, namespace=namespace, fields={"type": not_equal(_HELM)})
    secrets = {*_list_names(own), *coming}
    try:
        for external in client.list(_ExternalSecret, namespace=namespace):
            target_of = (external.get("spec") or {}).get("target") or {}
            secrets.add(target_of.get("name") or external["metadata"]["name"])
    except (ApiError, httpx2.HTTPStatusError):
        pass  # the cluster has no External Secrets operator
    classes = {
        each.metadata.name: (each.metadata.annotations or {}).get(_DEFAULT_CLASS) == "true"
        for each in client.list(StorageClass)
        if each.metadata
    }
    claims = list(client.list(PersistentVolumeClaim, namespace=namespace))
    return Existing(
        frozenset(secrets),
        frozenset(_list_names(client.list(ConfigMap, namespace=namespace))),
        {c.metadata.name or "": _explain_claim(c, classes) for c in claims if c.metadata},
    )


def _list_names(objects: Iterable[Secret | ConfigMap]) -> Iterator[str]:
    return (each.metadata.name or "" for each in objects if each.metadata)


def _explain_claim(claim: PersistentVolumeClaim, classes: Mapping[str | None, bool]) -> str:
    spec, phase = claim.spec, claim.status.phase if claim.status else None
    if phase == "Lost":
        return "its PersistentVolume does not exist any more"
    if phase == "Bound" or spec is None or spec.volumeName or spec.storageClassName == "":
        return ""
    if spec.storageClassName and spec.storageClassName not in classes:
        return f"StorageClass {spec.storageClassName} does not exist"
    if not spec.storageClassName and not any(classes.values()):
        return "the cluster has no default StorageClass"
    return ""


def _inspect(pod: Pod, existing: Existing) -> Iterator[_Found]:
    """Yield what a pod waits for."""
    spec, status = pod.spec, pod.status
    if not spec or not status or not is_waiting(pod):
        return
    states = {
        each.name: each.state
        for each in [*(status.initContainerStatuses or []), *(status.containerStatuses or [])]
    }
    if not any(state and not state.waiting for state in states.values()):
        for volume in spec.volumes or []:
            yield from _list_missing(volume.to_dict(), existing)
    for container in [*(spec.initContainers or []), *spec.containers]:
        state = states.get(container.name)
        waiting = state.waiting if state else None
        if state and not waiting:
            continue
        missing = list(_list_missing(container.to_dict(), existing))
        yield from missing
        message = (waiting.message if waiting else None) or ""
        if waiting and waiting.reason in _IMAGES:
            image = container.image or ""
            why = _PULL.sub("", message) or waiting.reason
            what = f"image {image} can't be pulled: {why}"
            yield "image", image, what
        # "not found" in the message, but nothing is missing: the object was just created.
        elif waiting and waiting.reason == _CONFIG and not missing and "not found" not in message:
            what = f"container {container.name} can't be created: {message}"
            yield "container", what, what


def _list_missing(value: Any, existing: Existing) -> Iterator[_Found]:
    """Yield the missing objects to which a nested value refers, such as a volume."""
    if isinstance(value, list):
        for each in value:
            yield from _list_missing(each, existing)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key == "persistentVolumeClaim":
            name = inner["claimName"]
            if why := existing.claims.get(name, "the claim does not exist"):
                yield "volume", name, f"PersistentVolumeClaim {name} gets no volume: {why}"
        elif key in _REFERENCES:
            kind = _REFERENCES[key]
            name = inner.get("secretName") or inner.get("name")
            known = existing.secrets if kind == "Secret" else existing.config_maps
            if name and name not in known and not inner.get("optional"):
                yield kind, name, f"{kind} {name} does not exist"
        else:
            yield from _list_missing(inner, existing)
