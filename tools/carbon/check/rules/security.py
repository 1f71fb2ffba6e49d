"""Pod Security Standard "restricted", a rule for each control, and a read-only root filesystem."""

from collections.abc import Iterator
from typing import Any

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart

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


def _read_context(holder: dict[str, Any]) -> dict[str, Any]:
    return holder.get("securityContext") or {}


@rule("security/host", "Remove hostNetwork, hostPID and hostIPC.")
def check_host(chart: RenderedChart) -> Iterator[Violation]:
    """No pod shares the network, process or IPC namespace of the node."""
    for obj, pod in chart.pods():
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod["spec"].get(key):
                yield Violation(obj, ("spec", key), f"{obj.identity} sets {key}")


@rule("security/non-root", "Set runAsNonRoot: true, and remove runAsUser: 0.")
def check_non_root(chart: RenderedChart) -> Iterator[Violation]:
    """No container may run as root."""
    for obj, pod, each, path in chart.containers():
        both = _read_context(pod["spec"]) | _read_context(each)
        if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
            wrong = f"{obj.identity}: {each.get('name')} may run as root"
            yield Violation(obj, (*path, "securityContext"), wrong)


@rule("security/seccomp", "Set seccompProfile: {type: RuntimeDefault}.")
def check_seccomp(chart: RenderedChart) -> Iterator[Violation]:
    """Every container runs under the seccomp profile of the runtime, or one of the node."""
    for obj, pod, each, path in chart.containers():
        both = _read_context(pod["spec"]) | _read_context(each)
        if (both.get("seccompProfile") or {}).get("type") not in {"RuntimeDefault", "Localhost"}:
            wrong = f"{obj.identity}: {each.get('name')} has no seccomp profile"
            yield Violation(obj, (*path, "securityContext", "seccompProfile"), wrong)


@rule("security/escalation", "Set allowPrivilegeEscalation: false.")
def check_escalation(chart: RenderedChart) -> Iterator[Violation]:
    """No process gains more privileges than its parent."""
    for obj, _, each, path in chart.containers():
        if _read_context(each).get("allowPrivilegeEscalation") is not False:
            wrong = f"{obj.identity}: {each.get('name')} allows privilege escalation"
            yield Violation(obj, (*path, "securityContext", "allowPrivilegeEscalation"), wrong)


@rule(
    "security/read-only",
    "Set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.",
)
def check_read_only(chart: RenderedChart) -> Iterator[Violation]:
    """Every container has a read-only root filesystem."""
    for obj, _, each, path in chart.containers():
        if _read_context(each).get("readOnlyRootFilesystem") is not True:
            wrong = f"{obj.identity}: {each.get('name')} has a writable root filesystem"
            yield Violation(obj, (*path, "securityContext", "readOnlyRootFilesystem"), wrong)


@rule("security/capabilities", "Set capabilities: {drop: [ALL]}.")
def check_capabilities(chart: RenderedChart) -> Iterator[Violation]:
    """Every container drops all capabilities and adds at most NET_BIND_SERVICE."""
    for obj, _, each, path in chart.containers():
        own = _read_context(each).get("capabilities") or {}
        added = set(own.get("add") or []) - {"NET_BIND_SERVICE"}
        if "ALL" not in (own.get("drop") or []) or added:
            wrong = f"{obj.identity}: {each.get('name')}: capabilities {own or 'not dropped'}"
            yield Violation(obj, (*path, "securityContext", "capabilities"), wrong)


@rule("security/privileged", "Remove privileged and procMount.")
def check_privileged(chart: RenderedChart) -> Iterator[Violation]:
    """No container is privileged or unmasks /proc."""
    for obj, _, each, path in chart.containers():
        own = _read_context(each)
        if own.get("privileged") or own.get("procMount", "Default") != "Default":
            wrong = f"{obj.identity}: {each.get('name')} is privileged, or sets procMount"
            yield Violation(obj, (*path, "securityContext"), wrong)


@rule("security/volumes", "Use a PersistentVolumeClaim, an emptyDir, a ConfigMap or a Secret.")
def check_volumes(chart: RenderedChart) -> Iterator[Violation]:
    """No volume gives access to the node."""
    for obj, pod in chart.pods():
        for volume in pod["spec"].get("volumes") or []:
            wrong = set(volume) - VOLUMES
            if wrong:
                kinds = ", ".join(sorted(wrong))
                what = f"{obj.identity}: the volume {volume.get('name')} has the type {kinds}"
                yield Violation(obj, ("volumes", f"name={volume.get('name')}"), what)


@rule("security/host-port", "Remove hostPort, and use a Service.")
def check_host_port(chart: RenderedChart) -> Iterator[Violation]:
    """No container uses a host port."""
    for obj, _, each, path in chart.containers():
        if any(port.get("hostPort") for port in each.get("ports") or []):
            wrong = f"{obj.identity}: {each.get('name')} uses a host port"
            yield Violation(obj, (*path, "ports", "hostPort"), wrong)


@rule("security/sysctls", "Remove the sysctl, or set it on the node.")
def check_sysctls(chart: RenderedChart) -> Iterator[Violation]:
    """No pod sets sysctls that are not safe."""
    for obj, pod in chart.pods():
        for each in _read_context(pod["spec"]).get("sysctls") or []:
            if each.get("name") not in SYSCTLS:
                yield Violation(
                    obj, ("sysctls",), f"{obj.identity} sets the sysctl {each.get('name')}"
                )


@rule("security/probe-host", "Remove `host`, so that the probe calls the pod.")
def check_probe_host(chart: RenderedChart) -> Iterator[Violation]:
    """No probe or lifecycle hook calls another host (Kubernetes 1.34 and later refuse it)."""
    for obj, _, each, path in chart.containers():
        hooks = (each.get("lifecycle") or {}).values()
        for handler in (*(each.get(key) or {} for key in HANDLERS), *hooks):
            for kind in ("httpGet", "tcpSocket"):
                if (handler.get(kind) or {}).get("host"):
                    wrong = f"{obj.identity}: {each.get('name')}: {kind} sets host"
                    yield Violation(obj, (*path, kind, "host"), wrong)
