"""Remarks of the published rule sets, kube-score and checkov, and the files that both read.

Neither program reads the pods in custom resources such as a RayCluster, so each of these pods is
written as a Pod.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from carbon.charts.render import pod_templates
from carbon.check.render.objects import RenderedObject

CHECKOV_FOLDER = "checkov"
"""The folder, in that of kube-score, with the objects that checkov reads too."""
KNOWN = {
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "Service",
    "ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Ingress",
    "ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Secret",
}  # fmt: skip
"""Kinds of objects that kube-score and checkov check."""
WITHOUT_CHECKOV = {
    "Service", "ConfigMap", "Secret", "PodDisruptionBudget", "HorizontalPodAutoscaler",
    "NetworkPolicy",
}  # fmt: skip
"""Kinds for which checkov has no rule but one about the namespace."""
WITH_PODS = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet"}
NAMESPACE = "release"
"""Namespace of an object that states none: Helm installs it in the release's."""

Remark = tuple[str, str, str]
"""Rule, what is wrong, remedy."""


def write_objects(objects: Iterable[RenderedObject], folder: Path) -> None:
    """Write the files that the programs read into a folder, named by digest."""
    (folder / CHECKOV_FOLDER).mkdir()
    for each in objects:
        for number, body in enumerate(expand(each.body) if _has_shape(each) else ()):
            where = folder if body["kind"] in WITHOUT_CHECKOV else folder / CHECKOV_FOLDER
            name = f"{each.digest}.{number}.json"
            (where / name).write_text(json.dumps(body, default=str), "utf-8")


def _has_shape(obj: RenderedObject) -> bool:
    """Return whether the programs can read an object; kubeconform reports any other."""
    has_pods = bool(obj.pods) or obj.kind not in WITH_PODS
    return isinstance(obj.spec, dict) and isinstance(obj.body.get("rules") or [], list) and has_pods


def expand(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an object of a known kind; for another kind, its pod templates as Pods."""
    meta = {"namespace": NAMESPACE, **(body.get("metadata") or {})}
    if body.get("kind") in KNOWN:
        yield body | {"metadata": meta}
        return
    for number, pod in enumerate(pod_templates(body)):
        own = pod.get("metadata") or {}
        named = {"name": f"{meta.get('name')}-{number}", "namespace": meta.get("namespace")}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": own | named, "spec": pod["spec"]}


def merge(*several: Mapping[str, list[Remark]]) -> dict[str, list[Remark]]:
    """Return several maps of remarks by digest as one map, each remark once."""
    found: dict[str, list[Remark]] = {}
    for one in several:
        for digest, remarks in one.items():
            known = found.setdefault(digest, [])
            known.extend(each for each in remarks if each not in known)
    return found


def read_digest(file: str) -> str:
    """Return the digest in the name of a file that `write_objects` wrote."""
    return Path(file).name.partition(".")[0]
