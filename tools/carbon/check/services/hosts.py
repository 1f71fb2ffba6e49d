"""Hosts in the configuration of rendered pods for which there is no Service.

A host is checked if it has no dot, or is in the release's namespace: NAME.NAMESPACE or
NAME.NAMESPACE.svc, with or without the domain of the cluster.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.render import Object, containers
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.services.backends import list_backends
from carbon.check.services.connections import list_texts
from carbon.mesh.table import Table

_IN_URL = re.compile(r"\b[a-z][a-z0-9+]*://(?:[^\s@/\"']*@)?([a-z][a-z0-9.-]*)(?=[:/\s\"',?]|$)")
_IN_FIELD = re.compile(r"^\s*(?:- )?host(?:name)?: *[\"']?([a-z][a-z0-9.-]*)[\"']?\s*$", re.M)
_LOCAL = "localhost"


def find_unknown_hosts(
    chart: RenderedChart, table: Table
) -> Iterator[tuple[RenderedObject, str, str]]:
    """Yield a workload, the host, and the Service that is missing, for each such host.

    Services are those of the render and those of the services table.
    """
    known = {each.name for each in list_backends(chart)}
    known |= {name for entry in table.values() for name in entry.services}
    files = {obj.name: obj.body.get("data") or {} for obj in chart.of_kind("ConfigMap")}
    for obj, pod in chart.pods():
        for host in dict.fromkeys(_list_hosts(pod, files)):
            name = _find_service(host, chart.namespace)
            if name and name not in known:
                yield obj, host, name


def _list_hosts(pod: Object, files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for text in dict.fromkeys(list_texts(pod, files)):
        yield from _IN_URL.findall(text)
        yield from _IN_FIELD.findall(text)
    for container in containers(pod):
        for each in container.get("env") or []:
            if str(each.get("name")).endswith("HOST") and isinstance(each.get("value"), str):
                yield each["value"]


def _find_service(host: str, namespace: str) -> str:
    """Return the Service that a host names in the release's namespace; empty for other hosts."""
    name, _, domain = host.partition(".")
    if name == _LOCAL or not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name):
        return ""
    return name if domain.partition(".svc")[0] in ("", namespace) else ""
