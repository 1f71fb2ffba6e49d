"""NOTES.txt names objects and ports that exist."""

import json
from collections.abc import Iterator

from carbon.charts import kuberay
from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.servers.commands import Reference, find_references

NOTES = "templates/NOTES.txt"


@rule("notes/objects", "Correct the name or the port, or render the object.")
def check_objects(chart: RenderedChart) -> Iterator[Violation]:
    """The notes that an install prints name objects, ports and containers of the chart."""
    body: Object = {"kind": "NOTES.txt", "metadata": {"name": chart.name}}
    notes = RenderedObject(body, f"{chart.name}/{NOTES}")
    named = list(dict.fromkeys(find_references(chart.notes)))
    forwarded = {each.port for each in named if each.kind == "Forward"}
    for each in named:
        if each.namespace not in ("", chart.namespace):
            continue
        problems = list(_find_problems(chart, each))
        if each.kind == "Local" and forwarded and each.port not in forwarded:
            problems = [f"{each.name}:{each.port}, but forward port {', '.join(sorted(forwarded))}"]
        for wrong in problems:
            yield Violation(notes, (), f"the notes name {wrong}", text=each.line.strip())


def _find_problems(chart: RenderedChart, each: Reference) -> Iterator[str]:
    if each.kind == "Pod":
        if not _selects_pod(chart, each.selector):
            yield f"pods with the labels {each.selector}, which no pod has"
    elif each.kind in ("Service", "Host"):
        ports = _list_services(chart).get(each.name)
        if ports is not None:
            known = [str(port[key]) for port in ports for key in ("name", "port") if key in port]
            if each.port and each.port not in known:
                yield f"port {each.port} of Service/{each.name}, which has {', '.join(known)}"
        elif each.kind == "Service" and not chart.is_given(each.name):
            yield f"Service/{each.name}, which the chart does not render"
    elif each.kind not in ("Local", "Forward"):
        yield from _find_missing(chart, each)


def _find_missing(chart: RenderedChart, each: Reference) -> Iterator[str]:
    found = [obj for obj in chart.of_kind(each.kind) if obj.name == each.name]
    if not found and not chart.is_given(each.name) and not _is_created(chart, each):
        yield f"{each.kind}/{each.name}, which the chart does not render"
    pods = [pod for obj in found for pod in obj.pods]
    names = [str(container.get("name")) for pod in pods for container in containers(pod)]
    if each.container and names and each.container not in names:
        owner = f"{each.kind}/{each.name}, which has {', '.join(names)}"
        yield f"the container {each.container} of {owner}"


def _list_services(chart: RenderedChart) -> dict[str, list[Object]]:
    """Return the ports of each Service of the chart, and of each that KubeRay creates."""
    found = {each.name: each.spec.get("ports") or [] for each in chart.of_kind("Service")}
    for obj in chart.of_kind("RayCluster", "RayService"):
        if obj.pods:
            found |= dict(kuberay.list_services(obj.body))
    return found


def _selects_pod(chart: RenderedChart, selector: str) -> bool:
    """Return whether some pod has the labels of a selector; True for other forms than a=b,c=d."""
    pairs = [part.partition("=") for part in selector.split(",")]
    if not all(sign and value and "!" not in key for key, sign, value in pairs):
        return True
    wanted = {(key, value.lstrip("=")) for key, _, value in pairs}
    return any(
        wanted <= {(key, str(value)) for key, value in pod_labels(pod).items()}
        for _, pod in chart.pods()
    )


def _is_created(chart: RenderedChart, each: Reference) -> bool:
    """Return whether a Job of the chart creates a Secret."""
    return each.kind == "Secret" and any(
        each.name == secret.get("name")
        for obj in chart.of_kind("ConfigMap")
        for secret in json.loads((obj.body.get("data") or {}).get("credentials.json", "[]"))
    )
