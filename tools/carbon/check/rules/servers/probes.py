"""Probes: a probe requests a port of its own server, not the port with the metrics."""

import re
from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart
from carbon.check.rules.routes import list_ports
from carbon.check.rules.servers.paths import PROBES
from carbon.check.sources import servers

_LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])[: ](\d{2,5})\b")
_CLIENTS = re.compile(
    r"\b(?:redis-cli|valkey-cli|pg_isready|psql|mysqladmin|grpc_health_probe)\b"
    r"[^|;&]*?\s(?:-p|--port)[= ]?(\d{2,5})\b"
)
"""The port that a client of a database connects to."""


@rule("servers/probe-command", "Request a port of the container.")
def check_command(chart: RenderedChart) -> Iterator[Violation]:
    """The command of a probe connects to a port on which a container of the pod listens."""
    for obj, pod, each, path in chart.containers():
        opened = list_ports(pod) | _list_known(pod)
        for probe in PROBES if opened else ():
            words = ((each.get(probe) or {}).get("exec") or {}).get("command") or []
            command = " ".join(map(str, words))
            for port in [*_LOCAL.findall(command), *_CLIENTS.findall(command)]:
                if int(port) not in opened:
                    wrong = f"{obj.identity}: {each.get('name')}: {probe}: port {port} is not open"
                    yield Violation(obj, (*path, probe, "exec", "command"), wrong)


@rule("servers/probe-port", "Set the port on which the server answers its clients.", house=True)
def check_port(chart: RenderedChart) -> Iterator[Violation]:
    """No probe requests the port of the metrics, which answers while the server itself hangs.

    A container that has no other port is an exporter.
    """
    for obj, _, each, path in chart.containers():
        names = {port.get("name"): port.get("containerPort") for port in each.get("ports") or []}
        metrics = [name for name in names if "metrics" in str(name)]
        if len(metrics) == len(names):
            continue
        wrong = {*metrics, *(names[name] for name in metrics)}
        for probe in PROBES:
            for kind in ("httpGet", "tcpSocket", "grpc"):
                port = ((each.get(probe) or {}).get(kind) or {}).get("port")
                if port in wrong:
                    what = f"{obj.identity}: {each.get('name')}: {probe}"
                    what = f"{what}: port {port} serves the metrics"
                    yield Violation(obj, (*path, probe, kind, "port"), what)


def _list_known(pod: Object) -> set[Any]:
    """Return the numbers of the ports that the servers of a pod are known to open."""
    containers = pod["spec"].get("containers") or []
    return {port.number for each in containers for port in servers.list_ports(each)}
