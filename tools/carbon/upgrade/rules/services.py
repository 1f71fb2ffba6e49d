"""Services whose name, address, ports or pods change."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.render import Object
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import Comparison, get_pod
from carbon.upgrade.objects.pairing import Pair

_OUTSIDE = ("NodePort", "LoadBalancer")


def find_service_changes(comparison: Comparison) -> Iterator[Finding]:
    """Yield each change of a Service that its clients notice."""
    for pair in comparison.of_kind("Service"):
        if pair.old and not pair.is_kept:
            yield _report_gone(pair)
        elif pair.is_kept:
            yield from _compare_address(pair)
            yield from _compare_type(pair)
            yield from _compare_ports(pair)
            yield from _compare_pods(comparison, pair)


def find_lost_hosts(comparison: Comparison) -> Iterator[Finding]:
    """Yield each host name that the new version no longer serves."""
    before, after = (dict(_list_hosts(side)) for side in (comparison.old, comparison.new))
    for host, (owner, path) in before.items():
        if host not in after:
            yield Finding(
                "services/host",
                Severity.PERSON,
                owner,
                path,
                f"no longer serves the host {host}",
                "Clients of the host are refused.",
                "Keep the host, or change the clients.",
                host,
            )


def _list_hosts(side: tuple[Object, ...]) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    for body in side:
        owner = f"{body.get('kind')}/{body['metadata'].get('name')}"
        spec = body.get("spec") or {}
        if body.get("kind") == "Ingress":
            for index, rule in enumerate(spec.get("rules") or []):
                yield str(rule.get("host", "*")), (owner, ("spec", "rules", str(index), "host"))
        elif body.get("kind") == "HTTPRoute":
            for host in spec.get("hostnames") or []:
                yield str(host), (owner, ("spec", "hostnames"))


def _report_gone(pair: Pair) -> Finding:
    _, name = pair.names
    return Finding(
        "services/name",
        Severity.BREAKING,
        pair.name,
        ("metadata", "name"),
        f"renames the Service to {name}" if name else "no longer contains the Service",
        "Clients that use the Service's DNS name fail.",
        "Keep the Service, or render it under both names for one release.",
        *pair.names,
    )


def _compare_address(pair: Pair) -> Iterator[Finding]:
    old, new = (body["spec"].get("clusterIP") for body in (pair.old, pair.new))
    if old == new:
        return
    path = ("spec", "clusterIP")
    if new is None:
        yield Finding(
            "services/address",
            Severity.PERSON,
            pair.name,
            path,
            "no longer sets clusterIP",
            "The API server keeps the old value, so the Service does not change"
            + (" and stays headless." if old == "None" else "."),
            f"Document `kubectl delete service {pair.new['metadata']['name']}` before the upgrade, "
            "or keep the value.",
            old,
        )
    elif "ExternalName" not in {body["spec"].get("type") for body in (pair.old, pair.new)}:
        yield Finding(
            "immutable/field",
            Severity.BREAKING,
            pair.name,
            path,
            "changes spec.clusterIP, which is immutable in a Service",
            "The API server refuses the update, and the upgrade fails.",
            "Give the Service another name, or document "
            f"`kubectl delete service {pair.new['metadata']['name']}` before the upgrade.",
            old,
            new,
            helm=("3", "4"),
        )


def _compare_type(pair: Pair) -> Iterator[Finding]:
    old, new = (str(body["spec"].get("type")) for body in (pair.old, pair.new))
    if old == new:
        return
    why = "Clients outside the cluster lose the address." if old in _OUTSIDE else ""
    why = why or ("Clients outside the cluster reach the Service." if new in _OUTSIDE else "")
    yield Finding(
        "services/type",
        Severity.PERSON,
        pair.name,
        ("spec", "type"),
        "changes the type of the Service",
        why or "Clients reach other addresses.",
        "Keep the type, or make it a value whose default is the old type.",
        old,
        new,
    )


def _compare_ports(pair: Pair) -> Iterator[Finding]:
    after = pair.new["spec"].get("ports") or []
    numbers = {(port.get("port"), port.get("protocol")) for port in after}
    names = {port.get("name"): port.get("port") for port in after}
    for port in pair.old["spec"].get("ports") or []:
        name, number = port.get("name"), port.get("port")
        path = ("spec", "ports", f"name={name}" if name else f"port={number}")
        if (number, port.get("protocol")) not in numbers:
            yield Finding(
                "services/port",
                Severity.BREAKING,
                pair.name,
                (*path, "port"),
                f"no longer serves the port {number}",
                "Clients that use the port's number fail.",
                "Keep the port's number, or serve both numbers for one release.",
                number,
                names.get(name),
            )
        elif name and name not in names:
            yield Finding(
                "services/port",
                Severity.PERSON,
                pair.name,
                (*path, "name"),
                f"no longer has a port with the name {name}",
                "Ingresses, monitors and policies outside the release that use the name fail.",
                "Keep the port's name.",
                name,
                next((p.get("name") for p in after if p.get("port") == number), None),
            )


def _compare_pods(comparison: Comparison, pair: Pair) -> Iterator[Finding]:
    """Yield a finding if the Service selects no old pods, or no pods at all, after the upgrade."""
    old, new = (pair.old["spec"].get("selector") or {}, pair.new["spec"].get("selector") or {})
    if not old or not new:
        return
    before = [pod for pod in map(get_labels, comparison.old) if _selects(old, pod)]
    if not before:
        return
    if not any(_selects(new, pod) for pod in map(get_labels, comparison.new)):
        yield _report_selector(pair, Severity.BREAKING, "selects no pods of the release", old, new)
    elif not any(_selects(new, pod) for pod in before):
        what = "selects no pods of the old version"
        yield _report_selector(pair, Severity.PERSON, what, old, new)


def _report_selector(pair: Pair, severity: Severity, what: str, old: Any, new: Any) -> Finding:
    return Finding(
        "services/selector",
        severity,
        pair.name,
        ("spec", "selector"),
        what,
        "The Service has no endpoints"
        + ("." if severity == Severity.BREAKING else " until pods of the new version are ready."),
        "Keep the selector, and keep its labels on the pods.",
        old,
        new,
    )


def get_labels(body: Object) -> Mapping[str, Any]:
    """Return the labels of an object's pods; empty if it has no pods."""
    return (get_pod(body).get("metadata") or {}).get("labels") or {}


def _selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    return bool(labels) and all(labels.get(key) == value for key, value in selector.items())
