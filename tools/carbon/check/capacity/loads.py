"""CPU, memory and number of pods that rendered objects need, counted as Kubernetes counts them."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from carbon.charts.quantities import parse_quantity
from carbon.charts.render import Object
from carbon.check.render.objects import RenderedChart, RenderedObject

AUTOSCALER = {"limits": {"cpu": "500m", "memory": "512Mi"}}
WAITING = {"limits": {"cpu": "200m", "memory": "256Mi"}}
"""Resources of the containers that KubeRay adds to the head and to each worker."""
KINDS = {"Job": "job", "CronJob": "job", "Pod": "test"}
"""Kind of an object -> kind of its load; the load of any other object is a server."""


@dataclass(frozen=True)
class Load:
    """The pods of one workload: the highest number, and the surge of a rolling update."""

    object: RenderedObject
    name: str
    kind: str
    """server, job or test"""
    pods: int
    surge: int
    pod: Object
    proxy: Object
    """Resources of Istio's sidecar."""

    def compute_amount(self, side: str, what: str) -> Decimal:
        """Return requests or limits of one pod, in cores or bytes; for `pods` always 1."""
        return Decimal(1) if what == "pods" else _sum_pod(self.pod, side, what, self.proxy)


def list_loads(chart: RenderedChart, proxy: Object) -> Iterator[Load]:
    """Yield the load of each workload, with the highest number of pods.

    For a workload with an autoscaler, this number is `maxReplicas`.
    """
    scalers = {
        f"{target['kind']}/{target['name']}": obj.spec
        for obj in chart.of_kind("HorizontalPodAutoscaler")
        for target in [obj.spec["scaleTargetRef"]]
    }
    for obj in chart.objects:
        if obj.kind == "RayCluster":
            yield from _list_ray_loads(obj, obj.spec, 1, proxy)
        elif obj.kind == "RayService":
            second = (obj.spec.get("upgradeStrategy") or {}).get("type") != "None"
            clusters = 2 if second else 1
            yield from _list_ray_loads(obj, obj.spec["rayClusterConfig"], clusters, proxy)
        else:
            scaler = scalers.get(obj.identity)
            pods = scaler["maxReplicas"] if scaler else obj.spec.get("replicas", 1)
            kind, surge = KINDS.get(obj.kind, "server"), _compute_surge(obj, pods)
            for pod in obj.pods:
                yield Load(obj, obj.workload, kind, pods, surge, pod, proxy)


def sum_loads(loads: Iterable[Load], side: str, what: str) -> Decimal:
    """Return the highest need: all servers and Jobs, the largest surge and the largest test pod."""
    total, surge, test = Decimal(), Decimal(), Decimal()
    for load in loads:
        each = load.compute_amount(side, what)
        if load.kind == "test":
            test = max(test, each)
        else:
            total += each * load.pods
            surge = max(surge, each * load.surge)
    return total + surge + test


def _sum_pod(pod: Object, side: str, what: str, proxy: Object) -> Decimal:
    """Return the resources that the scheduler counts for a pod: the larger of two sums.

    One sum is all containers and sidecars; the other is an init container and the sidecars before
    it. `side` is requests or limits, `what` is cpu or memory.
    """

    def read(container: Object) -> Decimal:
        given: Any = container.get("resources") or {}
        requests = given.get("requests") or {} if side == "requests" else {}
        own = (given.get("limits") or {}) | requests
        return parse_quantity(own.get(what, 0))

    inits = list(pod["spec"].get("initContainers") or [])
    labels = (pod.get("metadata") or {}).get("labels") or {}
    if proxy and labels.get("sidecar.istio.io/inject") == "true":
        inits.insert(0, {"resources": proxy, "restartPolicy": "Always"})
    sidecars = peak = Decimal()
    for container in inits:
        if container.get("restartPolicy") == "Always":
            sidecars += read(container)
        else:
            peak = max(peak, sidecars + read(container))
    return max(peak, sidecars + sum(map(read, pod["spec"]["containers"]), Decimal()))


def _compute_surge(obj: RenderedObject, pods: int) -> int:
    strategy = obj.spec.get("strategy") or {}
    if obj.kind != "Deployment" or strategy.get("type") == "Recreate":
        return 0
    surge = str((strategy.get("rollingUpdate") or {}).get("maxSurge", "25%"))
    return math.ceil(pods * int(surge[:-1]) / 100) if surge.endswith("%") else int(surge)


def _list_ray_loads(
    obj: RenderedObject, spec: Object, clusters: int, proxy: Object
) -> Iterator[Load]:
    head: Object = {"metadata": {}, **spec["headGroupSpec"]["template"]}
    if spec.get("enableInTreeAutoscaling"):
        resources = spec.get("autoscalerOptions", {}).get("resources", AUTOSCALER)
        containers = [*head["spec"]["containers"], {"resources": resources}]
        head = head | {"spec": head["spec"] | {"containers": containers}}
    yield Load(obj, f"{obj.identity}, head", "server", clusters, 0, head, proxy)
    for group in spec.get("workerGroupSpecs", []):
        most = group.get("maxReplicas", group.get("replicas"))
        pods = clusters * most * group.get("numOfHosts", 1)
        pod = group["template"]
        inits = [{"resources": WAITING}, *pod["spec"].get("initContainers", [])]
        pod = pod | {"spec": pod["spec"] | {"initContainers": inits}}
        name = f"{obj.identity}, {group['groupName']}"
        yield Load(obj, name, "server", pods, 0, pod, proxy)
