"""The objects of a cluster: from files, as `kubectl get` writes them, or from its API server."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import Namespace, Node, Pod, Service
from lightkube.resources.networking_v1 import NetworkPolicy

from carbon.charts.render import Object
from carbon.errors import CarbonError
from carbon.files import format_path, parse_documents
from carbon.platform.target import Target

NETWORK = "NetworkPolicy"
MESH = ("PeerAuthentication", "AuthorizationPolicy", "Sidecar")
POLICIES = (NETWORK, *MESH)
"""The kinds of objects that select pods and restrict their connections."""
_GROUPS = {
    "PeerAuthentication": ("security.istio.io", "peerauthentications"),
    "AuthorizationPolicy": ("security.istio.io", "authorizationpolicies"),
    "Sidecar": ("networking.istio.io", "sidecars"),
}
_SUFFIXES = (".json", ".yaml", ".yml")
_KUBECTL = (
    "kubectl get pods,services,namespaces,nodes,networkpolicies,peerauthentications,"
    "authorizationpolicies,sidecars --all-namespaces -o json > cluster.json"
)


@dataclass(frozen=True)
class Cluster:
    """The objects of a cluster, each as a plain map."""

    objects: Sequence[Object]

    def of_kind(self, *kinds: str) -> Iterator[Object]:
        """Yield the objects of the given kinds."""
        return (obj for obj in self.objects if obj["kind"] in kinds)

    def find_addresses(self) -> dict[tuple[str, str], str]:
        """Return the address in the cluster of each Service, by its namespace and name."""
        found: dict[tuple[str, str], str] = {}
        for each in self.of_kind("Service"):
            address = str((each.get("spec") or {}).get("clusterIP") or "None")
            if address != "None":
                found[each["metadata"]["namespace"], each["metadata"]["name"]] = address
        return found

    def list_policies(self, release: str) -> tuple[list[Object], list[Object]]:
        """Return the policies of a release of this project, and all other policies."""
        own: list[Object] = []
        other: list[Object] = []
        for policy in self.of_kind(*POLICIES):
            labels = policy["metadata"].get("labels") or {}
            is_own = (
                labels.get("app.kubernetes.io/part-of") == "254carbon"
                and labels.get("app.kubernetes.io/instance") == release
            )
            (own if is_own else other).append(policy)
        return own, other


def read_cluster(paths: Iterable[Path]) -> Cluster:
    """Return the objects in files, and in the files of folders, that end with .json or .yaml.

    A file holds objects, or lists of objects. Documents without `kind` are left out.

    Raises:
        CarbonError: a file can't be read, or no file has a pod.
    """
    files = [file for path in paths for file in _list_files(path)]
    cluster = Cluster([obj for file in files for obj in _read_objects(file)])
    if not any(cluster.of_kind("Pod")):
        named = ", ".join(map(format_path, paths)) or "no file"
        raise CarbonError(f"there is no Pod in {named}", f"Record the cluster: {_KUBECTL}")
    return cluster


def list_cluster(target: Target) -> Cluster:
    """Return the objects of a running cluster. A cluster without Istio has no Istio objects.

    Raises:
        CarbonError: the API server does not answer, or refuses to list a kind.
    """
    objects: list[Object] = []
    own: list[Any] = [Pod, Service, NetworkPolicy]
    istio = [create_namespaced_resource(g, "v1", kind, name) for kind, (g, name) in _GROUPS.items()]
    everywhere: list[Any] = [*own, *istio]
    for resource in (Namespace, Node, *everywhere):
        try:
            if resource in everywhere:
                found: list[Any] = list(target.client.list(resource, namespace="*"))
            else:
                found = list(target.client.list(resource))
        except (httpx2.HTTPError, ApiError) as trouble:
            status = trouble.status.code if isinstance(trouble, ApiError) else 0
            if resource in istio and status == httpx2.codes.NOT_FOUND:
                continue
            raise CarbonError(
                f"can't list objects of the kind {resource.__name__}: {trouble}",
                f"Ask someone who may to record the cluster: {_KUBECTL}; then use --cluster.",
            ) from trouble
        objects += [{"kind": resource.__name__} | each.to_dict() for each in found]
    return Cluster(objects)


def _list_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)


def _read_objects(path: Path) -> Iterator[Object]:
    try:
        text = path.read_text("utf-8")
        documents = [json.loads(text)] if path.suffix == ".json" else parse_documents(text)
    except OSError as wrong:
        raise CarbonError(
            f"can't read {format_path(path)}: {wrong.strerror}", "Correct the path."
        ) from wrong
    except (UnicodeDecodeError, ValueError, yaml.YAMLError) as wrong:
        raise CarbonError(
            f"{format_path(path)} is neither JSON nor YAML: {wrong}",
            f"Record the cluster again: {_KUBECTL}",
        ) from wrong
    for document in documents:
        items = document.get("items", [document]) if isinstance(document, dict) else []
        yield from (each for each in items or [] if isinstance(each, dict) and "kind" in each)
