"""What pods count for, as Kubernetes counts them: computed from drawn objects."""

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
"""What KubeRay adds to the head and to each worker; its code fixes both."""


@dataclass(frozen=True)
class Load:
    """Pods of one kind: how many at most, and how many more while they are replaced."""

    name: str
    kind: str
    """server, job or test"""
    pods: int
    surge: int
    pod: Object
    proxy: Object

    def amount(self, side: str, what: str) -> Decimal:
        """What one pod requests, or its limit; in cores, bytes or pods."""
        return Decimal(1) if what == "pods" else reserved(self.pod, side, what, self.proxy)


def quantity(text: object) -> Decimal:
    """A Kubernetes quantity, in cores or bytes."""
    number = str(text)
    unit = next((u for u in UNITS if u and number.endswith(u)), "")
    return Decimal(number.removesuffix(unit)) * Decimal(UNITS[unit])


def reserved(pod: Object, side: str, what: str, proxy: Object) -> Decimal:
    """Containers and sidecars together, or an init container and the sidecars before it."""

    def stated(container: Object) -> Decimal:
        given: Any = container.get("resources", {})
        own = given.get("limits", {}) | (given.get("requests", {}) if side == "requests" else {})
        return quantity(own.get(what, 0))

    inits = list(pod["spec"].get("initContainers", []))
    if proxy and pod["metadata"].get("labels", {}).get("sidecar.istio.io/inject") == "true":
        inits.insert(0, {"resources": proxy, "restartPolicy": "Always"})
    beside = peak = Decimal()
    for container in inits:
        if container.get("restartPolicy") == "Always":
            beside += stated(container)
        else:
            peak = max(peak, beside + stated(container))
    return max(peak, beside + sum(map(stated, pod["spec"]["containers"]), Decimal()))


def loads(things: Collection[Object], proxy: Object) -> Iterator[Load]:
    """All pods that objects may make at most; autoscalers say how many of a server."""
    scalers = {
        f"{t['spec']['scaleTargetRef']['kind']}/{t['spec']['scaleTargetRef']['name']}": t
        for t in things
        if t["kind"] == "HorizontalPodAutoscaler"
    }
    for thing in things:
        name = identity(thing)
        spec = thing.get("spec") or {}
        if thing["kind"] == "RayCluster":
            yield from _ray(spec, 1, proxy)
            continue
        if thing["kind"] == "RayService":
            again = spec.get("upgradeStrategy", {}).get("type") != "None"
            yield from _ray(spec["rayClusterConfig"], 2 if again else 1, proxy)
            continue
        for pod in pod_templates(thing):
            scaler = scalers.get(name)
            pods = scaler["spec"]["maxReplicas"] if scaler else spec.get("replicas", 1)
            kind = {"Job": "job", "CronJob": "job", "Pod": "test"}.get(thing["kind"], "server")
            yield Load(name, kind, pods, _surge(thing, pods), pod, proxy)


def _surge(thing: Object, pods: int) -> int:
    strategy = thing["spec"].get("strategy", {})
    if thing["kind"] != "Deployment" or strategy.get("type") == "Recreate":
        return 0
    given = str(strategy.get("rollingUpdate", {}).get("maxSurge", "25%"))
    share = given.endswith("%")
    return math.ceil(pods * int(given[:-1]) / 100) if share else int(given)


def _ray(spec: Object, clusters: int, proxy: Object) -> Iterator[Load]:
    head: Object = {"metadata": {}, **spec["headGroupSpec"]["template"]}
    if spec.get("enableInTreeAutoscaling"):
        given = spec.get("autoscalerOptions", {}).get("resources", AUTOSCALER)
        more = [*head["spec"]["containers"], {"resources": given}]
        head = head | {"spec": head["spec"] | {"containers": more}}
    yield Load("head", "server", clusters, 0, head, proxy)
    for group in spec.get("workerGroupSpecs", []):
        pods = (
            clusters * group.get("maxReplicas", group.get("replicas")) * group.get("numOfHosts", 1)
        )
        pod = group["template"]
        inits = [{"resources": WAITING}, *pod["spec"].get("initContainers", [])]
        pod = pod | {"spec": pod["spec"] | {"initContainers": inits}}
        yield Load(group["groupName"], "server", pods, 0, pod, proxy)


def needed(found: Iterable[Load], side: str, what: str) -> Decimal:
    """Every server at its most, all Jobs, the largest surge and the largest test."""
    total, surge, test = Decimal(), Decimal(), Decimal()
    for load in found:
        each = load.amount(side, what)
        if load.kind == "test":
            test = max(test, each)
        else:
            total += each * load.pods
            surge = max(surge, each * load.surge)
    return total + surge + test
