"""Proxies and load balancers between a client and a server: health checks and timeouts.

Sources: the defaults of the annotations `healthcheck-path` and `load-balancer-attributes` in the
guide of the AWS Load Balancer Controller 2.14, and of `--upstream-timeout` in
pkg/apis/options/upstreams.go of oauth2-proxy 7.15.6.
"""

import re
from collections.abc import Iterator

from carbon.charts.render import Object, containers
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.rules.selectors import read_selector, selects
from carbon.check.sources.servers import list_ports

ALB = "alb.ingress.kubernetes.io/"
PATH, ATTRIBUTES = f"{ALB}healthcheck-path", f"{ALB}load-balancer-attributes"


def _list_balancers(chart: RenderedChart) -> Iterator[tuple[RenderedObject, dict[str, str]]]:
    """Yield each Ingress of an Application Load Balancer with its annotations."""
    for obj in chart.of_kind("Ingress"):
        annotations = obj.body["metadata"].get("annotations") or {}
        if obj.spec.get("ingressClassName") == "alb" or any(k.startswith(ALB) for k in annotations):
            yield obj, annotations


@rule("servers/health-check", f"Set the annotation {PATH} to a path that the server has.")
def check_health(chart: RenderedChart) -> Iterator[Violation]:
    """An Application Load Balancer requests a path that each server behind it has, / by default."""
    for obj, annotations in _list_balancers(chart):
        path = annotations.get(PATH, "/")
        for container, target in _list_backends(chart, obj):
            known = {port.number: port for port in list_ports(container)}
            named = [p for p in container.get("ports") or [] if target in p.values()]
            port = known.get(named[0]["containerPort"]) if named else None
            if port and port.paths and not port.serves(path):
                wrong = f"{obj.identity}: port {port.number} of {port.server} has no path {path}"
                yield Violation(obj, ("metadata", "annotations"), wrong)


def _list_backends(chart: RenderedChart, obj: RenderedObject) -> Iterator[tuple[Object, object]]:
    """Yield the containers behind an Ingress, each with the name or number of the port."""
    rules = obj.spec.get("rules") or []
    paths = [path for each in rules for path in (each.get("http") or {}).get("paths") or []]
    backends = [(path.get("backend") or {}).get("service") or {} for path in paths]
    for backend in backends:
        for service in chart.of_kind("Service"):
            for _, pod in chart.pods() if service.name == backend.get("name") else ():
                if selects(read_selector(service), pod_labels(pod)):
                    for port in service.spec.get("ports") or []:
                        if set((backend.get("port") or {}).values()) & set(port.values()):
                            target = port.get("targetPort", port.get("port"))
                            yield from ((each, target) for each in containers(pod))


@rule("servers/hop-timeout", "Set the timeout of the proxy or load balancer.", house=True)
def check_timeout(chart: RenderedChart) -> Iterator[Violation]:
    """No proxy or load balancer has its default timeout, which is shorter than a large upload.

    The default is 30 s for oauth2-proxy and 60 s without traffic for an Application Load Balancer.
    """
    for obj, annotations in _list_balancers(chart):
        if "idle_timeout.timeout_seconds=" not in annotations.get(ATTRIBUTES, ""):
            wrong = f"{obj.identity}: {ATTRIBUTES} sets no idle_timeout.timeout_seconds"
            yield Violation(obj, ("metadata", "annotations"), wrong)
    for obj, _, each, path in chart.containers():
        words = [*(each.get("command") or []), *(each.get("args") or [])]
        command = " ".join(map(str, words))
        is_proxy = re.search(r"\boauth2-proxy\b", command or str(each.get("image")))
        if is_proxy and "--upstream-timeout" not in command:
            wrong = f"{obj.identity}: {each.get('name')} has no --upstream-timeout"
            yield Violation(obj, (*path, "command"), wrong)
