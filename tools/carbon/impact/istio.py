"""Evaluation of Istio's policies: which connections of pods with proxies they allow.

Rules: https://istio.io/latest/docs/reference/config/security/ (PeerAuthentication and
AuthorizationPolicy) and https://istio.io/latest/docs/reference/config/networking/sidecar/. HTTP
methods, paths and conditions are not evaluated: a rule that allows a part of the requests counts as
open, and a rule that denies a part does not count.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from carbon.charts.render import Object, identity
from carbon.impact.workloads import Workload

ROOT_NAMESPACE = "istio-system"
"""Policies in this namespace without a selector apply to the whole mesh."""
UNCAPTURED = (15020, 15021, 15090)
"""Ports of Istio's agent and proxy, which no policy of Istio restricts."""
_SELECTOR = {
    "PeerAuthentication": ("selector", "matchLabels"),
    "AuthorizationPolicy": ("selector", "matchLabels"),
    "Sidecar": ("workloadSelector", "labels"),
}


class MeshPolicies:
    """PeerAuthentications, AuthorizationPolicies and Sidecars of a cluster."""

    def __init__(self, policies: Sequence[Object]) -> None:
        self._policies = [each for each in policies if each["kind"] in _SELECTOR]
        self.list_selecting = cache(self._list_selecting)
        self.find_mode = cache(self._find_mode)
        self._find_sidecar_of = cache(self._find_sidecar)

    def find_refusals(self, source: Workload, target: Workload, port: int) -> list[str]:
        """Return the objects that close a TCP connection; empty if it is open."""
        if port in UNCAPTURED:
            return []
        sidecar = self._find_sidecar_of(source) if source.mesh else None
        if sidecar and target.services and not _knows(sidecar, source, target):
            return [f"{identity(sidecar)} of the client"]
        if not target.mesh:
            return []
        mode, origin = self.find_mode(target, port)
        if mode == "STRICT" and not source.mesh:
            return [origin]
        known = source if source.mesh and mode != "DISABLE" else None
        denials = self._list_denials(known, source, target, port)
        return [*denials, origin] if denials and source.mesh and mode == "DISABLE" else denials

    def _list_selecting(self, workload: Workload) -> list[Object]:
        """Return the policies that select a workload with a proxy by its labels or namespace."""
        found = []
        for policy in self._policies if workload.mesh else ():
            place, labels = policy["metadata"]["namespace"], _read_selector(policy)
            places = (workload.namespace,) if labels else (workload.namespace, ROOT_NAMESPACE)
            if place in places and labels.items() <= workload.peer.labels.items():
                found.append(policy)
        return found

    def _rank(self, kind: str, workload: Workload) -> list[Object]:
        """Return the policies of a kind that select a workload, the most specific first.

        Of two with the same rank, Istio uses the older one.
        """
        found = [each for each in self.list_selecting(workload) if each["kind"] == kind]
        return sorted(
            found,
            key=lambda each: (
                not _read_selector(each),
                each["metadata"]["namespace"] != workload.namespace,
                each["metadata"].get("creationTimestamp") or "9",
            ),
        )

    def _find_mode(self, workload: Workload, port: int) -> tuple[str, str]:
        """Return the mTLS mode of a port, and the PeerAuthentication that sets it."""
        for policy in self._rank("PeerAuthentication", workload):
            spec = policy.get("spec") or {}
            levels = spec.get("portLevelMtls") or {}
            own = levels.get(port) or levels.get(str(port)) or {}
            for mtls in (own, spec.get("mtls") or {}):
                mode = mtls.get("mode") or "UNSET"
                if mode != "UNSET":
                    return mode, identity(policy)
        return "PERMISSIVE", ""

    def _find_sidecar(self, workload: Workload) -> Object | None:
        return next(iter(self._rank("Sidecar", workload)), None)

    def _list_denials(
        self, known: Workload | None, source: Workload, target: Workload, port: int
    ) -> list[str]:
        allowing: list[str] = []
        denying: list[str] = []
        is_allowed = False
        for policy in self._rank("AuthorizationPolicy", target):
            spec = policy.get("spec") or {}
            matching = [r for r in spec.get("rules") or [] if _matches(r, known, source, port)]
            match spec.get("action") or "ALLOW":
                case "ALLOW":
                    allowing.append(identity(policy))
                    is_allowed = is_allowed or bool(matching)
                case "DENY" if any(map(_is_whole, matching)):
                    denying.append(identity(policy))
        return denying or ([] if is_allowed else allowing)


def _read_selector(policy: Object) -> Mapping[str, str]:
    key, labels = _SELECTOR[policy["kind"]]
    selector = (policy.get("spec") or {}).get(key) or {}
    return selector.get(labels) or {}


def _knows(sidecar: Object, source: Workload, target: Workload) -> bool:
    """Return whether a Sidecar lists the host of a Service that selects the target."""
    egress = (sidecar.get("spec") or {}).get("egress") or []
    if not egress:
        return True
    for host in (host for each in egress for host in each.get("hosts") or []):
        place, _, name = host.partition("/")
        place = source.namespace if place == "." else place
        if place in (target.namespace, "*") and any(
            name == "*" or re.match(rf"{re.escape(s)}\.{re.escape(target.namespace)}(\.|$)", name)
            for s in target.services
        ):
            return True
    return False


def _matches(rule: Object, known: Workload | None, source: Workload, port: int) -> bool:
    """Return whether a rule matches some request of a source to a port."""
    sources = [each.get("source") or {} for each in rule.get("from") or [{}]]
    operations = [each.get("operation") or {} for each in rule.get("to") or [{}]]
    return any(_matches_source(each, known, source) for each in sources) and any(
        _holds(each, "ports", "notPorts", str(port)) for each in operations
    )


def _matches_source(wanted: Mapping[str, Any], known: Workload | None, source: Workload) -> bool:
    """Return whether a source matches; without mTLS it has neither principal nor namespace."""
    account = f"cluster.local/ns/{source.namespace}/sa/{source.account}" if known else ""
    space = source.namespace if known else ""
    return (
        _holds(wanted, "principals", "notPrincipals", account)
        and _holds(wanted, "namespaces", "notNamespaces", space)
        and not wanted.get("requestPrincipals")
    )


def _holds(node: Mapping[str, Any], listed: str, excluded: str, value: str) -> bool:
    within = not node.get(listed) or any(_fits(each, value) for each in node[listed])
    return within and not any(_fits(each, value) for each in node.get(excluded) or [])


def _fits(pattern: str, value: str) -> bool:
    if pattern == "*":
        return bool(value)
    if "/ns/" in pattern and "/ns/" in value:  # trust domains may have any name
        pattern, value = pattern.partition("/ns/")[2], value.partition("/ns/")[2]
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value.endswith(pattern[1:]) if pattern.startswith("*") else value == pattern


def _is_whole(rule: Object) -> bool:
    """Return whether a rule concerns all requests to its ports."""
    operations = [each.get("operation") or {} for each in rule.get("to") or []]
    keys = {key for each in operations for key, value in each.items() if value}
    return keys <= {"ports", "notPorts"} and not rule.get("when")
