"""The platform's parts as a person wants to see them: state, time to Ready, address."""

from dataclasses import dataclass
from datetime import datetime

from lightkube.core.client import LabelSelector
from lightkube.models.apps_v1 import DeploymentStatus, StatefulSetStatus
from lightkube.models.core_v1 import ContainerStatus
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod, Service

from carbon.platform.target import RELEASE, Target

Workload = Deployment | StatefulSet | Job


@dataclass(frozen=True)
class Component:
    """One workload of the release."""

    name: str
    kind: str
    state: str
    ready: bool
    seconds: float | None
    """How long its slowest pod took until it was Ready, or done if a Job's."""
    addresses: tuple[str, ...]
    """`host:port` each, inside the cluster."""


@dataclass(frozen=True)
class Snapshot:
    """What the API server says of the release at one moment."""

    workloads: list[Workload]
    pods: list[Pod]
    services: list[Service]

    def components(self) -> list[Component]:
        """A row a workload."""
        return [self._component(workload) for workload in self.workloads]

    def _component(self, workload: Workload) -> Component:
        pods = [pod for pod in self.pods if _selected(pod, _selector(workload))]
        times = [seconds for pod in pods if (seconds := _seconds(pod)) is not None]
        ready = _done(workload)
        return Component(
            name=_meta(workload).name or "",
            kind=type(workload).__name__,
            state="Ready" if ready else _trouble(pods) or "starting",
            ready=ready,
            seconds=max(times, default=None) if ready else None,
            addresses=() if isinstance(workload, Job) else self._addresses(pods),
        )

    def _addresses(self, pods: list[Pod]) -> tuple[str, ...]:
        found = []
        for service in self.services:
            spec, meta = service.spec, _meta(service)
            if not spec or spec.clusterIP == "None" or not spec.selector:
                continue
            if any(_selected(pod, spec.selector) for pod in pods):
                found += [f"{meta.name}.{meta.namespace}:{p.port}" for p in spec.ports or []]
        return tuple(found)


def snapshot(target: Target) -> Snapshot:
    """Ask the API server for what belongs to the release."""
    client, namespace = target.client, target.namespace
    mine: LabelSelector = {"app.kubernetes.io/instance": RELEASE}
    workloads: list[Workload] = [
        *client.list(StatefulSet, namespace=namespace, labels=mine),
        *client.list(Deployment, namespace=namespace, labels=mine),
        *client.list(Job, namespace=namespace, labels=mine),
    ]
    pods = list(client.list(Pod, namespace=namespace, labels=mine))
    services = list(client.list(Service, namespace=namespace, labels=mine))
    return Snapshot(workloads, pods, services)


def _meta(thing: Workload | Pod | Service) -> ObjectMeta:
    return thing.metadata or ObjectMeta()


def _selector(workload: Workload) -> dict[str, str]:
    selector = workload.spec.selector if workload.spec else None
    return dict(selector.matchLabels or {}) if selector else {}


def _selected(pod: Pod, selector: dict[str, str]) -> bool:
    labels = _meta(pod).labels or {}
    return bool(selector) and all(labels.get(k) == v for k, v in selector.items())


def _done(workload: Workload) -> bool:
    """Rolled out to the last replica, at the generation that was asked for; a Job: complete."""
    if isinstance(workload, Job):
        conditions = (workload.status.conditions if workload.status else None) or []
        return any(c.type == "Complete" and c.status == "True" for c in conditions)
    status: DeploymentStatus | StatefulSetStatus | None = workload.status
    wanted = workload.spec.replicas if workload.spec else None
    wanted = 1 if wanted is None else wanted
    if not status or status.observedGeneration != _meta(workload).generation:
        return False
    counts = (status.replicas, status.readyReplicas, status.updatedReplicas)
    return all((count or 0) == wanted for count in counts)


def _seconds(pod: Pod) -> float | None:
    """From the pod's start until it was Ready, or done if a Job's; None if it is not.

    Its start is its creation. When a node restarts, the kubelet makes the pod's sandbox anew,
    starts its containers again in it, and moves the time of the condition PodReadyToStartContainers
    (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network).
    """
    status = pod.status
    conditions = {c.type: c for c in (status.conditions if status else None) or []}
    containers = (status.containerStatuses if status else None) or []
    ready, sandbox = conditions.get("Ready"), conditions.get("PodReadyToStartContainers")
    if not ready or (ready.status != "True" and ready.reason != "PodCompleted"):
        return None
    start = _meta(pod).creationTimestamp
    # The pod of a finished Job has no sandbox any more, and the time tells of its end.
    if sandbox and sandbox.status == "True" and any(c.restartCount for c in containers):
        start = sandbox.lastTransitionTime
    end = ready.lastTransitionTime
    if isinstance(start, datetime) and isinstance(end, datetime):
        return (end - start).total_seconds()
    return None


def _trouble(pods: list[Pod]) -> str:
    """What the pods wait for, in the kubelet's words: the first reason that is not just time."""
    for pod in pods:
        if not pod.status:
            continue
        own = pod.status.containerStatuses or []
        for container in [*(pod.status.initContainerStatuses or []), *own]:
            if reason := _waiting(container):
                return reason
        for condition in pod.status.conditions or []:
            if condition.type == "PodScheduled" and condition.status == "False":
                return f"not scheduled: {condition.message}"
    return ""


def _waiting(container: ContainerStatus) -> str:
    state = container.state
    if state and state.waiting and state.waiting.reason not in ("PodInitializing", None):
        message = f": {state.waiting.message}" if state.waiting.message else ""
        return f"{container.name} {state.waiting.reason}{message}"
    if state and state.running and not container.ready and container.restartCount:
        return f"{container.name} restarted {container.restartCount} times"
    return ""
