"""Reads the state of the release's workloads: Deployments, StatefulSets and Jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from lightkube.core.client import LabelSelector
from lightkube.models.apps_v1 import DeploymentStatus, StatefulSetStatus
from lightkube.models.core_v1 import ContainerStatus
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod, Service

from carbon.platform.target import Target

Workload = Deployment | StatefulSet | Job


@dataclass(frozen=True)
class WorkloadStatus:
    """The state of one workload."""

    name: str
    kind: str
    state: str
    ready: bool
    seconds: float | None
    """Time that the slowest pod took to become Ready or, for a Job, to complete."""
    addresses: tuple[str, ...]
    """SERVICE.NAMESPACE:PORT of each Service of its pods, without headless Services."""


@dataclass(frozen=True)
class Snapshot:
    """The workloads, pods and Services of the release at one moment."""

    workloads: list[Workload]
    pods: list[Pod]
    services: list[Service]

    def build_statuses(self) -> list[WorkloadStatus]:
        """Return the state of each workload."""
        return [self._build_status(workload) for workload in self.workloads]

    def without(self, names: Collection[tuple[str, str, str]]) -> "Snapshot":
        """Return a copy without some workloads (apiVersion, kind, name) and their pods."""
        dropped = [each for each in self.workloads if _get_name(each) in names]
        selectors = [_get_selector(each) for each in dropped]
        return Snapshot(
            [each for each in self.workloads if each not in dropped],
            [pod for pod in self.pods if not any(_is_selected(pod, s) for s in selectors)],
            self.services,
        )

    def _build_status(self, workload: Workload) -> WorkloadStatus:
        pods = [pod for pod in self.pods if _is_selected(pod, _get_selector(workload))]
        times = [seconds for pod in pods if (seconds := _measure_start(pod)) is not None]
        ready = _is_rolled_out(workload)
        return WorkloadStatus(
            name=_get_metadata(workload).name or "",
            kind=type(workload).__name__,
            state="Ready" if ready else _find_problem(pods) or "starting",
            ready=ready,
            seconds=max(times, default=None) if ready else None,
            addresses=() if isinstance(workload, Job) else self._list_addresses(pods),
        )

    def _list_addresses(self, pods: list[Pod]) -> tuple[str, ...]:
        found = []
        for service in self.services:
            spec, meta = service.spec, _get_metadata(service)
            if not spec or spec.clusterIP == "None" or not spec.selector:
                continue
            if any(_is_selected(pod, spec.selector) for pod in pods):
                found += [f"{meta.name}.{meta.namespace}:{p.port}" for p in spec.ports or []]
        return tuple(found)


def read_snapshot(target: Target) -> Snapshot:
    """Read the objects of the release from the API server."""
    client, namespace = target.client, target.namespace
    own: LabelSelector = {"app.kubernetes.io/instance": target.release}
    workloads: list[Workload] = [
        *client.list(StatefulSet, namespace=namespace, labels=own),
        *client.list(Deployment, namespace=namespace, labels=own),
        *client.list(Job, namespace=namespace, labels=own),
    ]
    pods = list(client.list(Pod, namespace=namespace, labels=own))
    services = list(client.list(Service, namespace=namespace, labels=own))
    return Snapshot(workloads, pods, services)


def _get_metadata(resource: Workload | Pod | Service) -> ObjectMeta:
    return resource.metadata or ObjectMeta()


def _get_name(workload: Workload) -> tuple[str, str, str]:
    version = "batch/v1" if isinstance(workload, Job) else "apps/v1"
    return version, type(workload).__name__, _get_metadata(workload).name or ""


def _get_selector(workload: Workload) -> dict[str, str]:
    selector = workload.spec.selector if workload.spec else None
    return dict(selector.matchLabels or {}) if selector else {}


def _is_selected(pod: Pod, selector: dict[str, str]) -> bool:
    labels = _get_metadata(pod).labels or {}
    return bool(selector) and all(labels.get(k) == v for k, v in selector.items())


def _is_rolled_out(workload: Workload) -> bool:
    """Return whether a workload's latest generation is rolled out, or a Job is complete."""
    if isinstance(workload, Job):
        conditions = (workload.status.conditions if workload.status else None) or []
        return any(c.type == "Complete" and c.status == "True" for c in conditions)
    status: DeploymentStatus | StatefulSetStatus | None = workload.status
    wanted = workload.spec.replicas if workload.spec else None
    wanted = 1 if wanted is None else wanted
    if not status or status.observedGeneration != _get_metadata(workload).generation:
        return False
    counts = (status.replicas, status.readyReplicas, status.updatedReplicas)
    return all((count or 0) == wanted for count in counts)


def _measure_start(pod: Pod) -> float | None:
    """Return the seconds from a pod's start until it was Ready or completed; None if it is neither.

    The start is the pod's creation. After a restart of the node, it is the time of the condition
    PodReadyToStartContainers: the kubelet creates a new sandbox and restarts the containers in it
    (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network).
    """
    status = pod.status
    conditions = {c.type: c for c in (status.conditions if status else None) or []}
    containers = (status.containerStatuses if status else None) or []
    ready, sandbox = conditions.get("Ready"), conditions.get("PodReadyToStartContainers")
    if not ready or (ready.status != "True" and ready.reason != "PodCompleted"):
        return None
    start = _get_metadata(pod).creationTimestamp
    # The sandbox of a finished Job's pod is gone: the condition's time is the time of its end.
    if sandbox and sandbox.status == "True" and any(c.restartCount for c in containers):
        start = sandbox.lastTransitionTime
    end = ready.lastTransitionTime
    if isinstance(start, datetime) and isinstance(end, datetime):
        return (end - start).total_seconds()
    return None


def _find_problem(pods: list[Pod]) -> str:
    """Return the first problem in the statuses of pods; empty if there is none.

    A problem is a container that waits or was restarted, or a pod that is not scheduled.
    """
    for pod in pods:
        if not pod.status:
            continue
        own = pod.status.containerStatuses or []
        for container in [*(pod.status.initContainerStatuses or []), *own]:
            if reason := _describe_problem(container):
                return reason
        for condition in pod.status.conditions or []:
            if condition.type == "PodScheduled" and condition.status == "False":
                return f"not scheduled: {condition.message}"
    return ""


def _describe_problem(container: ContainerStatus) -> str:
    state = container.state
    if state and state.waiting and state.waiting.reason not in ("PodInitializing", None):
        message = f": {state.waiting.message}" if state.waiting.message else ""
        return f"{container.name} {state.waiting.reason}{message}"
    if state and state.running and not container.ready and container.restartCount:
        return f"{container.name} restarted {container.restartCount} times"
    return ""
