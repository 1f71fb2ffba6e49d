"""Pods in an Istio mesh: pods of Jobs can end, and clients of ports with mTLS have a sidecar."""

from collections.abc import Iterator, Mapping

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, pod_labels
from carbon.check.services.entries import find_entry, read_services

INJECT = "sidecar.istio.io/inject"
NATIVE = "sidecar.istio.io/nativeSidecar"
ENDING = ("Job", "CronJob", "Pod")


def is_enabled(chart: RenderedChart) -> bool:
    """Return whether the values put the chart's pods into a mesh."""
    shared = chart.values.get("global")
    mesh = shared.get("mesh") if isinstance(shared, Mapping) else None
    return bool(isinstance(mesh, Mapping) and mesh.get("enabled"))


def can_end(pod: Object) -> bool:
    """Return whether a pod of a Job can end: its sidecar is native, or disabled by a label."""
    notes = (pod.get("metadata") or {}).get("annotations") or {}
    injected = pod_labels(pod).get(INJECT)
    return injected == "false" or (injected == "true" and notes.get(NATIVE) == "true")


@rule("mesh/ends", "Render the pod metadata with common.podMetadata.", house=True)
def check_ends(chart: RenderedChart) -> Iterator[Violation]:
    """In a mesh, pods of Jobs and tests have a native sidecar or none: another one never ends."""
    for obj in chart.of_kind(*ENDING) if is_enabled(chart) else ():
        for pod in obj.pods:
            if not can_end(pod):
                wrong = f"{obj.identity}: the pod states neither {NATIVE} nor {INJECT}: false"
                yield Violation(obj, ("metadata", "labels", INJECT), wrong)


@rule("mesh/clients", "Put the client into the mesh: `mesh: true` in its entry.", house=True)
def check_clients(chart: RenderedChart) -> Iterator[Violation]:
    """Every client of a port that requires mTLS is in the mesh."""
    table = read_services(chart) if is_enabled(chart) else {}
    strict = {
        client: f"global.services.{server.name}"
        for server in table.values()
        for port in server.ports
        if port.mtls == "strict" and server.mesh
        for client in port.clients
    }
    for name, server in strict.items():
        if not table[name].mesh and chart.objects:
            wrong = f"global.services.{name} is not in the mesh, and {server} requires mTLS"
            yield Violation(chart.objects[0], (), wrong)
    for obj, pod in chart.pods() if strict else ():
        entry = find_entry(pod, table, chart.namespace)
        if entry and entry.name in strict and pod_labels(pod).get(INJECT) == "false":
            wrong = f"{obj.identity} has no sidecar, and {strict[entry.name]} requires mTLS"
            yield Violation(obj, ("metadata", "labels", INJECT), wrong)


@rule("mesh/objects", "Render the object only if global.mesh.enabled is true.", house=True)
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """Without a mesh, a chart renders no object of Istio, which the API server would not know."""
    for obj in () if is_enabled(chart) else chart.objects:
        if str(obj.body.get("apiVersion")).partition("/")[0].endswith("istio.io"):
            wrong = f"{obj.identity} is rendered although global.mesh.enabled is false"
            yield Violation(obj, ("apiVersion",), wrong)
