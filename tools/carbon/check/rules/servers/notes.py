"""NOTES.txt names objects and ports that exist."""

import json
import re
from collections.abc import Iterator

from carbon.charts import kuberay
from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.servers.commands import CONTINUED, Reference, find_references

NOTES = "templates/NOTES.txt"
_ORDINAL = re.compile(r"-\d+$")
"""The end of the name of a pod of a StatefulSet."""


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
            lines = each.line.split(CONTINUED)
            word = each.container or each.selector or each.name
            line = next((line for line in lines if word in line), lines[0])
            yield Violation(notes, (), f"the notes name {wrong}", text=line.strip())


def _find_problems(chart: RenderedChart, each: Reference) -> Iterator[str]:
    if each.kind == "Pod" and each.selector:
        if not _select_pods(chart, each.selector):
            yield f"pods with the labels {each.selector}, which no pod has"
    elif each.kind in ("Service", "Host"):
        ports = _list_services(chart).get(each.name)
        if ports is not None:
            known = [str(port[key]) for port in ports for key in ("name", "port") if key in port]
            if each.port and each.port not in known:
                yield f"port {each.port} of Service/{each.name}, which has {', '.join(known)}"
        elif each.kind == "Service" and not chart.is_given(each.name):
            yield f"Service/{each.name}, which the chart does not render"
    elif each.kind not in ("Local", "Forward") and not _is_created(chart, each):
        yield f"{each.kind}/{each.name}, which the chart does not render"
    names = [str(one.get("name")) for pod in _find_pods(chart, each) for one in containers(pod)]
    if each.container and names and each.container not in names:
        owner = f"{each.kind}/{each.name}" if each.name else f"the pods with {each.selector}"
        there = ", ".join(dict.fromkeys(names))
        yield f"the container {each.container} of {owner}, which has {there}"


def _find_pods(chart: RenderedChart, each: Reference) -> list[Object]:
    """Return the pod templates of the object that a command names, or selects."""
    if each.selector:
        return _select_pods(chart, each.selector)
    if each.kind == "Service":
        services = [obj for obj in chart.of_kind("Service") if obj.name == each.name]
        pairs = [",".join(f"{k}={v}" for k, v in _read_selector(obj)) for obj in services]
        return [pod for selector in filter(None, pairs) for pod in _select_pods(chart, selector)]
    name, kind = each.name, each.kind
    if kind == "Pod" and name not in chart.names("Pod"):
        name, kind = _ORDINAL.sub("", name), "StatefulSet"
    return [pod for obj in chart.of_kind(kind) if obj.name == name for pod in obj.pods]


def _list_services(chart: RenderedChart) -> dict[str, list[Object]]:
    """Return the ports of each Service of the chart, and of each that KubeRay creates."""
    found = {each.name: each.spec.get("ports") or [] for each in chart.of_kind("Service")}
    for obj in chart.of_kind("RayCluster", "RayService"):
        if obj.pods:
            found |= dict(kuberay.list_services(obj.body))
    return found


def _read_selector(service: RenderedObject) -> list[tuple[str, str]]:
    return [(str(k), str(v)) for k, v in (service.spec.get("selector") or {}).items()]


def _select_pods(chart: RenderedChart, selector: str) -> list[Object]:
    """Return the pods that a selector such as a=b,c=d selects; all pods if it has another form."""
    pairs = [part.partition("=") for part in selector.split(",")]
    pods = [pod for _, pod in chart.pods()]
    if not all(sign and value and "!" not in key for key, sign, value in pairs):
        return pods
    wanted = {(key, value.lstrip("=")) for key, _, value in pairs}
    return [
        pod
        for pod in pods
        if wanted <= {(key, str(value)) for key, value in pod_labels(pod).items()}
    ]


def _is_created(chart: RenderedChart, each: Reference) -> bool:
    """Return whether values name an object, or the chart, its Job or a controller creates it."""
    if chart.is_given(each.name) or each.name in chart.names(each.kind):
        return True
    if each.kind == "Pod":
        owner = _ORDINAL.sub("", each.name)
        return owner != each.name and any(obj.name == owner for obj in chart.objects)
    return each.kind == "Secret" and any(
        each.name == secret.get("name")
        for obj in chart.of_kind("ConfigMap")
        for secret in json.loads((obj.body.get("data") or {}).get("credentials.json", "[]"))
    )
