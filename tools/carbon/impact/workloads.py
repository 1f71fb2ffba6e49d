"""Workloads: the pods of a cluster and of a render with the same labels, as one peer."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carbon.charts.render import Object, containers, pod_templates
from carbon.check.services.attempts import PART_OF, Peer
from carbon.impact.cluster import Cluster

PROXY = "istio-proxy"
INJECT = "sidecar.istio.io/inject"
OUTSIDE = "an address outside the cluster"
PUBLIC = ("LoadBalancer", "NodePort")
"""Types of Services to which addresses outside the cluster connect."""
_GENERATED = re.compile(
    r"pod-template-hash|controller-revision-hash|pod-template-generation|(batch\.kubernetes\.io/)?"
    r"(controller-uid|job-name|job-completion-index)|statefulset\.kubernetes\.io/pod-name|"
    r"apps\.kubernetes\.io/pod-index"
)
"""Labels in which the pods of one workload differ."""
_COMPONENT = "app.kubernetes.io/component"
_JOBS = ("batch.kubernetes.io/job-name", "job-name")
Port = tuple[int, str]
"""Number, and TCP or UDP."""


@dataclass(frozen=True, eq=False)
class Workload:
    """Pods with the same labels; or addresses outside the cluster, which have no namespace."""

    name: str
    namespace: str
    peer: Peer
    pods: tuple[str, ...] = ()
    """Names of the pods; empty for a workload of the release that does not run yet."""
    account: str = "default"
    mesh: bool = False
    """True if the pods have Istio's proxy."""
    ours: bool = False
    """True if the pods belong to a release of this project."""
    ports: frozenset[Port] = frozenset()
    services: tuple[str, ...] = ()
    """Names of the Services that select the pods."""
    public: bool = False
    """True if one of the Services is reached from outside the cluster."""

    @property
    def runs(self) -> bool:
        """True for addresses, and for a workload with pods in the cluster."""
        return bool(self.pods) or not self.namespace

    def __str__(self) -> str:
        """Return the workload as messages name it: NAMESPACE/NAME."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass
class _Group:
    pods: list[Object] = field(default_factory=list)
    runs: bool = True


def list_workloads(
    cluster: Cluster, rendered: Sequence[Object], namespace: str, *, mesh: bool
) -> list[Workload]:
    """Return the workloads of a cluster, those of a render that do not run yet, and addresses.

    Args:
        cluster: the cluster's objects.
        rendered: the objects of the release, in `namespace` unless they state another.
        namespace: the namespace of the release.
        mesh: whether rendered pods get Istio's proxy, unless they opt out.
    """
    groups: dict[tuple[object, ...], _Group] = {}
    for pod in cluster.of_kind("Pod"):
        groups.setdefault(_make_key(pod), _Group()).pods.append(pod)
    running = [(_get_namespace(g.pods[0]), _get_labels(g.pods[0])) for g in groups.values()]
    for pod in _list_rendered(rendered, namespace, mesh=mesh):
        place, labels = _get_namespace(pod), _get_labels(pod)
        if not any(place == ns and labels.items() <= own.items() for ns, own in running):
            groups.setdefault(_make_key(pod), _Group(runs=False)).pods.append(pod)
    services = [*cluster.of_kind("Service"), *(o for o in rendered if o["kind"] == "Service")]
    spaces = {
        each["metadata"]["name"]: each["metadata"].get("labels") or {}
        for each in cluster.of_kind("Namespace")
    }
    found = [
        _build(group, services, namespace, spaces, f"198.18.{i // 250}.{i % 250 + 1}")
        for i, group in enumerate(groups.values())
    ]
    return [*sorted(found, key=str), *_list_addresses(cluster)]


def _build(
    group: _Group,
    services: Iterable[Object],
    namespace: str,
    spaces: Mapping[str, Mapping[str, str]],
    address: str,
) -> Workload:
    pod = group.pods[0]
    place, labels, spec = _get_namespace(pod), _get_labels(pod), pod["spec"]
    own = [port for c in containers(pod) for port in c.get("ports") or []]
    named = {str(port["name"]): int(port["containerPort"]) for port in own if "name" in port}
    ports = {(int(port["containerPort"]), port.get("protocol", "TCP")) for port in own}
    selecting = [each for each in services if _selects(each, place, labels, namespace)]
    for service in selecting:
        for port in service["spec"].get("ports") or []:
            target = port.get("targetPort", port["port"])
            number = named.get(target, 0) if isinstance(target, str) else int(target)
            ports.add((number, port.get("protocol", "TCP")))
    on_node = bool(spec.get("hostNetwork"))
    status = pod.get("status") or {}
    real = str(status.get("hostIP" if on_node else "podIP") or address)
    name = find_name(pod)
    peer = Peer(
        f"{place}/{name}",
        real,
        "" if on_node else place,
        labels,
        named,
        spaces.get(place, {}),
    )
    return Workload(
        name,
        place,
        peer,
        tuple(str(p["metadata"]["name"]) for p in group.pods) if group.runs else (),
        str(spec.get("serviceAccountName") or "default"),
        any(c["name"] == PROXY for c in containers(pod)),
        PART_OF.items() <= labels.items(),
        frozenset(port for port in ports if port[0]),
        tuple(sorted({str(each["metadata"]["name"]) for each in selecting})),
        any(each["spec"].get("type") in PUBLIC for each in selecting),
    )


def find_name(pod: Object) -> str:
    """Return the name of the workload that a pod belongs to; without a controller, its own name.

    The number of a CronJob's Job and the number of a StatefulSet's pod are left out.
    """
    labels, metadata = _get_labels(pod), pod["metadata"]
    if job := next((labels[key] for key in _JOBS if key in labels), ""):
        return re.sub(r"-\d{8,}$", "", job)
    owner: Object = next(iter(metadata.get("ownerReferences") or []), {})
    if owner.get("kind") == "ReplicaSet":
        return str(owner["name"]).removesuffix(f"-{labels.get('pod-template-hash', '')}")
    return str(owner.get("name") or re.sub(r"-\d+$", "", str(metadata["name"])))


def _list_rendered(objects: Iterable[Object], namespace: str, *, mesh: bool) -> Iterator[Object]:
    """Yield the pods of rendered workloads, named as their workload."""
    for obj in objects:
        templates = list(pod_templates(obj))
        for template in templates:
            labels = template["metadata"].get("labels") or {}
            group = labels.get(_COMPONENT, "") if len(templates) > 1 else ""
            spec: dict[str, Any] = template["spec"]
            if mesh and labels.get(INJECT) != "false":
                spec = spec | {"containers": [*spec["containers"], {"name": PROXY}]}
            yield {
                "metadata": {
                    "name": "-".join(filter(None, [obj["metadata"]["name"], group])),
                    "namespace": obj["metadata"].get("namespace") or namespace,
                    "labels": labels,
                },
                "spec": spec,
            }


def _list_addresses(cluster: Cluster) -> Iterator[Workload]:
    """Yield the nodes, where the API server and the kubelets are, and an address outside."""
    for node in cluster.of_kind("Node"):
        listed = (node.get("status") or {}).get("addresses") or []
        address = next((a["address"] for a in listed if a["type"] == "InternalIP"), "")
        if address:
            name = f"node {node['metadata']['name']}"
            yield Workload(name, "", Peer(name, address), ports=frozenset({(6443, "TCP")}))
    peer = Peer(OUTSIDE, "203.0.113.7")
    yield Workload(OUTSIDE, "", peer, ports=frozenset({(443, "TCP")}))


def _make_key(pod: Object) -> tuple[object, ...]:
    labels = {k: v for k, v in _get_labels(pod).items() if not _GENERATED.fullmatch(k)}
    spec = pod["spec"]
    names = tuple(c["name"] for c in containers(pod))
    mine = () if labels else (find_name(pod),)
    account = spec.get("serviceAccountName")
    return _get_namespace(pod), *sorted(labels.items()), *mine, account, names


def _get_labels(pod: Object) -> dict[str, str]:
    return pod["metadata"].get("labels") or {}


def _get_namespace(pod: Object) -> str:
    return str(pod["metadata"].get("namespace") or "default")


def _selects(service: Object, place: str, labels: Mapping[str, str], namespace: str) -> bool:
    wanted = service["spec"].get("selector") or {}
    own = service["metadata"].get("namespace") or namespace
    return bool(wanted) and own == place and wanted.items() <= labels.items()
