"""Computes the CPU, the memory and the number of pods that rendered objects need."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from carbon.charts.render import Object, identity, pod_templates

UNITS: dict[str, str | int] = {
    "": "1",
    "m": "0.001",
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
AUTOSCALER = {"limits": {"cpu": "500m", "memory": "512Mi"}}
WAITING = {"limits": {"cpu": "200m", "memory": "256Mi"}}
"""Resources of the containers that KubeRay adds to the head and to each worker."""


@dataclass(frozen=True)
class Load:
    """The pods of one workload: the highest number, and the surge of a rolling update."""

    name: str
    kind: str
    """server, job or test"""
    pods: int
    surge: int
    pod: Object
    proxy: Object

    def amount(self, side: str, what: str) -> Decimal:
        """Return requests or limits of one pod, in cores or bytes; for `pods` always 1."""
        return Decimal(1) if what == "pods" else sum_resources(self.pod, side, what, self.proxy)


def quantity(text: object) -> Decimal:
    """Return a Kubernetes quantity, in cores or bytes."""
    number = str(text)
    unit = next((u for u in UNITS if u and number.endswith(u)), "")
    return Decimal(number.removesuffix(unit)) * Decimal(UNITS[unit])


def sum_resources(pod: Object, side: str, what: str, proxy: Object) -> Decimal:
    """Return resources that the scheduler counts for a pod: the larger of two sums.

    One sum is all containers and sidecars; the other is an init container and the sidecars before
    it. `side` is requests or limits, `what` is cpu or memory, `proxy` the resources of Istio's
    sidecar.
    """

    def read(container: Object) -> Decimal:
        given: Any = container.get("resources", {})
        own = given.get("limits", {}) | (given.get("requests", {}) if side == "requests" else {})
        return quantity(own.get(what, 0))

    inits = list(pod["spec"].get("initContainers", []))
    if proxy and pod["metadata"].get("labels", {}).get("sidecar.istio.io/inject") == "true":
        inits.insert(0, {"resources": proxy, "restartPolicy": "Always"})
    sidecars = peak = Decimal()
    for container in inits:
        if container.get("restartPolicy") == "Always":
            sidecars += read(container)
        else:
            peak = max(peak, sidecars + read(container))
    return max(peak, sidecars + sum(map(read, pod["spec"]["containers"]), Decimal()))


def list_loads(rendered: Collection[Object], proxy: Object) -> Iterator[Load]:
    """Yield the highest number of pods of each workload; of an autoscaled server, maxReplicas."""
    scalers = {
        f"{obj['spec']['scaleTargetRef']['kind']}/{obj['spec']['scaleTargetRef']['name']}": obj
        for obj in rendered
        if obj["kind"] == "HorizontalPodAutoscaler"
    }
    for obj in rendered:
        name = identity(obj)
        spec = obj.get("spec") or {}
        if obj["kind"] == "RayCluster":
            yield from _list_ray_loads(spec, 1, proxy)
            continue
        if obj["kind"] == "RayService":
            second = spec.get("upgradeStrategy", {}).get("type") != "None"
            yield from _list_ray_loads(spec["rayClusterConfig"], 2 if second else 1, proxy)
            continue
        for pod in pod_templates(obj):
            scaler = scalers.get(name)
            pods = scaler["spec"]["maxReplicas"] if scaler else spec.get("replicas", 1)
            kind = {"Job": "job", "CronJob": "job", "Pod": "test"}.get(obj["kind"], "server")
            yield Load(name, kind, pods, _compute_surge(obj, pods), pod, proxy)


def _compute_surge(obj: Object, pods: int) -> int:
    strategy = obj["spec"].get("strategy", {})
    if obj["kind"] != "Deployment" or strategy.get("type") == "Recreate":
        return 0
    surge = str(strategy.get("rollingUpdate", {}).get("maxSurge", "25%"))
    return math.ceil(pods * int(surge[:-1]) / 100) if surge.endswith("%") else int(surge)


def _list_ray_loads(spec: Object, clusters: int, proxy: Object) -> Iterator[Load]:
    head: Object = {"metadata": {}, **spec["headGroupSpec"]["template"]}
    if spec.get("enableInTreeAutoscaling"):
        resources = spec.get("autoscalerOptions", {}).get("resources", AUTOSCALER)
        containers = [*head["spec"]["containers"], {"resources": resources}]
        head = head | {"spec": head["spec"] | {"containers": containers}}
    yield Load("head", "server", clusters, 0, head, proxy)
    for group in spec.get("workerGroupSpecs", []):
        pods = (
            clusters * group.get("maxReplicas", group.get("replicas")) * group.get("numOfHosts", 1)
        )
        pod = group["template"]
        inits = [{"resources": WAITING}, *pod["spec"].get("initContainers", [])]
        pod = pod | {"spec": pod["spec"] | {"initContainers": inits}}
        yield Load(group["groupName"], "server", pods, 0, pod, proxy)


def sum_loads(loads: Iterable[Load], side: str, what: str) -> Decimal:
    """Return the maximum: all servers and Jobs, the largest surge and the largest test pod."""
    total, surge, test = Decimal(), Decimal(), Decimal()
    for load in loads:
        each = load.amount(side, what)
        if load.kind == "test":
            test = max(test, each)
        else:
            total += each * load.pods
            surge = max(surge, each * load.surge)
    return total + surge + test
