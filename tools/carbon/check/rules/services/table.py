"""The services table has an entry for each workload, and allows each connection of a pod."""

from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject, pod_labels
from carbon.check.services.backends import list_backends
from carbon.check.services.connections import (
    API,
    describe_missing,
    find_connections,
    has_token,
)
from carbon.check.services.entries import find_entry, read_services
from carbon.check.services.hosts import find_unknown_hosts

HTTP = ("http", "https", "grpc")
"""Values of appProtocol for which Istio can restrict methods and paths."""


@rule("services/listed", "Add an entry to global.services.", house=True)
def check_listed(chart: RenderedChart) -> Iterator[Violation]:
    """The services table has an entry for every workload of the umbrella."""
    table = read_services(chart)
    for obj, pod in chart.pods() if table and chart.is_umbrella else ():
        if find_entry(pod, table, chart.namespace) is None:
            selector = f"{{app: {pod_labels(pod).get('app')}}}"
            wrong = f"{obj.workload} has no entry; write one with selector: {selector}"
            yield Violation(obj, ("metadata", "labels"), wrong)


@rule("services/account", "Set serviceAccount of the entry to that of the pods.", house=True)
def check_account(chart: RenderedChart) -> Iterator[Violation]:
    """An entry of the services table names the ServiceAccount of its pods, as policies need it."""
    table = read_services(chart)
    for obj, pod in chart.pods() if table and chart.is_umbrella else ():
        entry = find_entry(pod, table, chart.namespace)
        account = pod["spec"].get("serviceAccountName", "default")
        if entry is not None and entry.account != account:
            wrong = f"{obj.workload} has the ServiceAccount {account}"
            wrong = f"{wrong}, and global.services.{entry.name} names {entry.account}"
            yield Violation(obj, ("spec", "serviceAccountName"), wrong)


@rule("services/connections", "Correct the host or the port, or add the client.", house=True)
def check_connections(chart: RenderedChart) -> Iterator[Violation]:
    """The services table allows every connection that a pod's configuration names."""
    table = read_services(chart)
    for obj, each in find_connections(chart, table) if table and chart.is_umbrella else ():
        missing = describe_missing(each, table)
        if missing:
            port = f" on port {each.port}" if each.port else ""
            wrong = f"{each.client} connects to {each.server}{port}: {missing}"
            yield Violation(obj, (), wrong)


@rule("services/tokens", f"Remove the client from global.services.{API}.", house=True)
def check_tokens(chart: RenderedChart) -> Iterator[Violation]:
    """The services table allows the API server to pods only that mount a token."""
    table = read_services(chart) if chart.is_umbrella else {}
    ports = table[API].ports if API in table else ()
    clients: dict[str, list[tuple[RenderedObject, bool]]] = {}
    for obj, pod in chart.pods() if ports else ():
        entry = find_entry(pod, table, chart.namespace)
        if entry and any(entry.name in port.clients for port in ports):
            clients.setdefault(entry.name, []).append((obj, has_token(pod)))
    for name, pods in clients.items():
        if not any(mounts for _, mounts in pods):
            wrong = f"{pods[0][0].workload} mounts no token, and global.services.{API} lists {name}"
            yield Violation(pods[0][0], ("spec", "automountServiceAccountToken"), wrong)


@rule("services/hosts", "Correct the host, or add its Service to global.services.", house=True)
def check_hosts(chart: RenderedChart) -> Iterator[Violation]:
    """A host in the namespace is a Service that a chart renders or the services table lists."""
    table = read_services(chart)
    for obj, host, name in find_unknown_hosts(chart, table) if table and chart.is_umbrella else ():
        wrong = f"{obj.workload} connects to {host}; no chart renders Service/{name}, and"
        wrong = f"{wrong} global.services does not list it"
        yield Violation(obj, (), wrong)


@rule("services/ports", "Correct the port of the Service or of global.services.", house=True)
def check_ports(chart: RenderedChart) -> Iterator[Violation]:
    """Services have the ports of the services table; ports with rules by HTTP method are HTTP."""
    table = read_services(chart)
    for backend in list_backends(chart) if table and chart.is_umbrella else ():
        entry = find_entry(backend.pods[0], table, chart.namespace) if backend.pods else None
        if entry is None or (entry.services and backend.name not in entry.services):
            wrong = f"no entry of global.services lists Service/{backend.name} in `services`"
            yield Violation(backend.object, ("metadata", "name"), wrong)
            continue
        for port in backend.ports:
            number = backend.find_number(port)
            found = [p for p in entry.ports if number and p.first <= number <= p.last]
            at = ("spec", "ports", f"name={port.get('name')}")
            if len(found) != 1:
                known = ", ".join(each.numbers for each in entry.ports)
                wrong = f"port {number} is not among those of global.services.{entry.name}: {known}"
                yield Violation(backend.object, at, f"Service/{backend.name}: {wrong}")
            elif found[0].access and port.get("appProtocol") not in HTTP:
                wrong = f"port {number} has rules by HTTP method, and appProtocol is"
                wrong = f"Service/{backend.name}: {wrong} {port.get('appProtocol')}"
                yield Violation(backend.object, at, wrong)
