"""Pod Security "restricted", a rule a control, and a read-only root file system beside it."""

from collections.abc import Iterator
from typing import Any

from carbon.check.drawn import Drawn
from carbon.check.findings import Fault, rule

VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret", "name",
}  # fmt: skip
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
HANDLERS = ("startupProbe", "readinessProbe", "livenessProbe")


def _context(holder: dict[str, Any]) -> dict[str, Any]:
    return holder.get("securityContext") or {}


@rule("security/host", "Remove hostNetwork, hostPID and hostIPC.")
def host(drawn: Drawn) -> Iterator[Fault]:
    """No pod shares the node's network, processes or memory."""
    for thing, pod in drawn.pods():
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod["spec"].get(key):
                yield Fault(thing, ("spec", key), f"{thing.identity}: {key}")


@rule("security/non-root", "Set runAsNonRoot: true, and no runAsUser: 0.")
def non_root(drawn: Drawn) -> Iterator[Fault]:
    """No container may run as root."""
    for thing, pod, each, path in drawn.containers():
        both = _context(pod["spec"]) | _context(each)
        if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
            wrong = f"{thing.identity}: {each.get('name')} may run as root"
            yield Fault(thing, (*path, "securityContext"), wrong)


@rule("security/seccomp", "Set seccompProfile: {type: RuntimeDefault}.")
def seccomp(drawn: Drawn) -> Iterator[Fault]:
    """Every container runs under the runtime's seccomp profile."""
    for thing, pod, each, path in drawn.containers():
        both = _context(pod["spec"]) | _context(each)
        if (both.get("seccompProfile") or {}).get("type") not in {"RuntimeDefault", "Localhost"}:
            wrong = f"{thing.identity}: {each.get('name')} has no seccomp profile"
            yield Fault(thing, (*path, "securityContext", "seccompProfile"), wrong)


@rule("security/escalation", "Set allowPrivilegeEscalation: false.")
def escalation(drawn: Drawn) -> Iterator[Fault]:
    """No process gains more privileges than its parent."""
    for thing, _, each, path in drawn.containers():
        if _context(each).get("allowPrivilegeEscalation") is not False:
            wrong = f"{thing.identity}: {each.get('name')} allows privilege escalation"
            yield Fault(thing, (*path, "allowPrivilegeEscalation"), wrong)


@rule("security/read-only", "Set readOnlyRootFilesystem: true; give it an emptyDir to write to.")
def read_only(drawn: Drawn) -> Iterator[Fault]:
    """Every root file system is read-only."""
    for thing, _, each, path in drawn.containers():
        if _context(each).get("readOnlyRootFilesystem") is not True:
            wrong = f"{thing.identity}: {each.get('name')} may write to its image's files"
            yield Fault(thing, (*path, "readOnlyRootFilesystem"), wrong)


@rule("security/capabilities", "Set capabilities: {drop: [ALL]}.")
def capabilities(drawn: Drawn) -> Iterator[Fault]:
    """Every container drops all capabilities and adds at most NET_BIND_SERVICE."""
    for thing, _, each, path in drawn.containers():
        own = _context(each).get("capabilities") or {}
        added = set(own.get("add") or []) - {"NET_BIND_SERVICE"}
        if "ALL" not in (own.get("drop") or []) or added:
            wrong = f"{thing.identity}: {each.get('name')}: capabilities {own or 'not dropped'}"
            yield Fault(thing, (*path, "capabilities"), wrong)


@rule("security/privileged", "Remove privileged and procMount.")
def privileged(drawn: Drawn) -> Iterator[Fault]:
    """No container is privileged, or sees the node's /proc."""
    for thing, _, each, path in drawn.containers():
        own = _context(each)
        if own.get("privileged") or own.get("procMount", "Default") != "Default":
            wrong = f"{thing.identity}: {each.get('name')} is privileged"
            yield Fault(thing, (*path, "securityContext"), wrong)


@rule("security/volumes", "Use a claim, an emptyDir, a ConfigMap or a Secret.")
def volumes(drawn: Drawn) -> Iterator[Fault]:
    """Every volume is of a kind that reaches nothing of the node."""
    for thing, pod in drawn.pods():
        for volume in pod["spec"].get("volumes") or []:
            wrong = set(volume) - VOLUMES
            if wrong:
                what = f"{thing.identity}: volume {volume.get('name')}: {', '.join(sorted(wrong))}"
                yield Fault(thing, ("volumes", f"name={volume.get('name')}"), what)


@rule("security/host-port", "Remove hostPort; a Service leads to the pod.")
def host_port(drawn: Drawn) -> Iterator[Fault]:
    """No container takes a port of the node."""
    for thing, _, each, path in drawn.containers():
        if any(port.get("hostPort") for port in each.get("ports") or []):
            wrong = f"{thing.identity}: {each.get('name')} takes a port of the node"
            yield Fault(thing, (*path, "ports", "hostPort"), wrong)


@rule("security/sysctls", "Remove the sysctl, or set it on the node.")
def sysctls(drawn: Drawn) -> Iterator[Fault]:
    """No pod sets kernel parameters beyond the safe ones."""
    for thing, pod in drawn.pods():
        for each in _context(pod["spec"]).get("sysctls") or []:
            if each.get("name") not in SYSCTLS:
                yield Fault(thing, ("sysctls",), f"{thing.identity}: sysctl {each.get('name')}")


@rule("security/probe-host", "Remove `host`: probes ask the pod itself.")
def probe_host(drawn: Drawn) -> Iterator[Fault]:
    """No probe or hook makes the kubelet call another host (refused since Kubernetes 1.34)."""
    for thing, _, each, path in drawn.containers():
        hooks = (each.get("lifecycle") or {}).values()
        for handler in (*(each.get(key) or {} for key in HANDLERS), *hooks):
            for kind in ("httpGet", "tcpSocket"):
                if (handler.get(kind) or {}).get("host"):
                    wrong = f"{thing.identity}: {each.get('name')}: {kind} names a host"
                    yield Fault(thing, (*path, kind, "host"), wrong)
