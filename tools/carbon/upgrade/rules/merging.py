"""Lists and nulls that Helm and the API server merge otherwise than a reader expects."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from carbon.charts.render import Object
from carbon.check.findings import KeyPath
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.comparison import (
    Comparison,
    get_pod_spec,
    get_template_path,
    list_containers,
)
from carbon.upgrade.objects.normalize import find_nulls
from carbon.upgrade.objects.pairing import Pair

_OWNED = (
    "Lists of ports merge by number: if kubectl, Helm 3 or another client also set the old entry, "
    "it stays beside the new one, and the API server refuses two ports with one name."
)


def find_merge_traps(comparison: Comparison) -> Iterator[Finding]:
    """Yield each list whose entries Helm or the API server can't merge."""
    for pair in comparison.pairs:
        if pair.after:
            known = {(path, key) for path, key, _ in list_repeated(pair.old)}
            for path, key, protocols in list_repeated(pair.new):
                if (path, key) not in known:
                    yield _report_repeated(pair, path, key, protocols)
        if pair.is_kept:
            yield from _compare_container_ports(pair)


def find_new_nulls(comparison: Comparison) -> Iterator[Finding]:
    """Yield each null that only the new version renders."""
    for pair in comparison.pairs:
        known = set(find_nulls(pair.before or {}))
        for path in find_nulls(pair.after or {}):
            if path not in known and path[-1] != "creationTimestamp":
                yield Finding(
                    "merge/null",
                    Severity.PERSON,
                    pair.name,
                    path,
                    "renders a null",
                    "Helm 3 leaves the field out or deletes it, Helm 4 sends the null, and GitOps "
                    "tools report a difference that never ends.",
                    "Render the field only if it has a value.",
                )


def list_repeated(body: Object) -> Iterator[tuple[KeyPath, str, bool]]:
    """Yield each list with two entries of one merge key: path, key, and whether they are ports.

    The entries are ports if they have one number and two protocols.
    """
    if body.get("kind") == "Service":
        ports = (body.get("spec") or {}).get("ports") or []
        yield from _list_ports(("spec", "ports"), ports, "port")
    base = (*(get_template_path(str(body.get("kind"))) or ()), "spec")
    pod = get_pod_spec(body)
    for key in ("volumes", "initContainers", "containers"):
        yield from _list_names((*base, key), pod.get(key), "name")
    for path, container in list_containers(body):
        yield from _list_names((*path, "env"), container.get("env"), "name")
        yield from _list_names((*path, "volumeMounts"), container.get("volumeMounts"), "mountPath")
        yield from _list_ports((*path, "ports"), container.get("ports") or [], "containerPort")


def _list_names(path: KeyPath, entries: Any, key: str) -> Iterator[tuple[KeyPath, str, bool]]:
    counts = Counter(str(each.get(key)) for each in entries or [] if isinstance(each, dict))
    for value, number in counts.items():
        if number > 1:
            yield (*path, f"{key}={value}"), key, False


def _list_ports(
    path: KeyPath, entries: list[Object], key: str
) -> Iterator[tuple[KeyPath, str, bool]]:
    pairs = Counter((each.get(key), each.get("protocol", "TCP")) for each in entries)
    numbers = Counter(number for number, _ in pairs)
    for (number, _), count in pairs.items():
        if count > 1:
            yield (*path, f"{key}={number}"), key, False
    for number, count in numbers.items():
        if count > 1:
            yield (*path, f"{key}={number}"), key, True


def _report_repeated(pair: Pair, path: KeyPath, key: str, protocols: bool) -> Finding:
    if protocols:
        return Finding(
            "merge/protocols",
            Severity.BREAKING,
            pair.name,
            path,
            "uses one port number for two protocols",
            f"An upgrade by Helm 3 merges the list by {key} alone and loses one of the entries "
            "(kubernetes/kubernetes#39188).",
            "Use two numbers, or two Services.",
        )
    return Finding(
        "merge/repeated",
        Severity.BREAKING,
        pair.name,
        path,
        f"has two entries with one {key}",
        f"Lists merge by {key}: the API server refuses them from Helm 4, and an upgrade by Helm 3 "
        "loses one.",
        "Render one entry.",
        helm=("4",),
    )


def _compare_container_ports(pair: Pair) -> Iterator[Finding]:
    before, after = (
        {
            (*path, "ports", f"name={port['name']}"): port.get("containerPort")
            for path, container in list_containers(body)
            for port in container.get("ports") or []
            if port.get("name")
        }
        for body in (pair.old, pair.new)
    )
    for path, number in before.items():
        if path in after and after[path] != number:
            yield Finding(
                "merge/port",
                Severity.PERSON,
                pair.name,
                (*path, "containerPort"),
                "changes the number of a port and keeps its name",
                _OWNED,
                "Keep the number, give the new port another name, or let one client alone own the "
                "object: helm upgrade --server-side=true --force-conflicts.",
                number,
                after[path],
            )
