"""Services with the pods that they select, and the container ports that they target."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carbon.charts import kuberay
from carbon.charts.render import Object, containers
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects


@dataclass(frozen=True)
class Backend:
    """A Service, its ports and the pods that it selects."""

    object: RenderedObject
    name: str
    ports: Sequence[Object]
    pods: Sequence[Object]

    def find_number(self, port: Object) -> int | None:
        """Return the number of the container port that a port targets; None if no pod has it."""
        target = port.get("targetPort", port.get("port"))
        if isinstance(target, int):
            return target
        named = [q for pod in self.pods for c in containers(pod) for q in c.get("ports") or []]
        numbers = [q["containerPort"] for q in named if q.get("name") == target]
        return int(numbers[0]) if numbers else None


def list_backends(chart: RenderedChart) -> Iterator[Backend]:
    """Yield the rendered Services, and the Service that KubeRay creates for a RayCluster's head.

    KubeRay adds every container port with appProtocol tcp, and the ports of headService.
    """
    pods = [pod for _, pod in chart.pods()]
    for obj in chart.of_kind("Service"):
        selected = [pod for pod in pods if selects(read_selector(obj), pod_labels(pod))]
        yield Backend(obj, obj.name, obj.spec.get("ports") or [], selected)
    for obj in chart.of_kind("RayCluster"):
        head = obj.spec["headGroupSpec"]["template"]
        for name, ports in kuberay.list_services(obj.body):
            yield Backend(obj, name, [{"appProtocol": "tcp"} | port for port in ports], [head])
