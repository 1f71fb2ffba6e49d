"""Builds the pods and Services that the KubeRay operator creates from a RayCluster.

The pods have what the cluster's policies check: containers with resources and security contexts,
mounts, volumes and the command. `tests/live/ray` compares them with the pods that KubeRay creates.
"""

import copy
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]

_WAIT = {"cpu": "200m", "memory": "256Mi"}
_AUTOSCALER = {"cpu": "500m", "memory": "512Mi"}
_LOGS = {"name": "ray-logs", "mountPath": "/tmp/ray"}  # noqa: S108
_SWITCHES = {"true", "false"}
_WITH_SWITCH = {"include-dashboard", "log-color"}
"""Options of `ray start` that take a boolean value; other boolean options are flags."""


def build_pods(spec: Object, serving: bool = False) -> Iterator[Object]:
    """Yield the head's pod and a pod of each worker group, each with metadata and spec.

    `serving` is true for the spec of a RayCluster in a RayService.
    """
    yield _build_head(spec)
    for group in spec.get("workerGroupSpecs", []):
        yield _build_worker(group, serving)


def list_services(cluster: Object) -> Iterator[tuple[str, list[Object]]]:
    """Yield the Services of a RayCluster or RayService: name, and ports as in `spec.ports`."""
    kind, name, spec = cluster["kind"], cluster["metadata"]["name"], cluster["spec"]
    rays = spec if kind == "RayCluster" else spec.get("rayClusterConfig") or {}
    group = rays["headGroupSpec"]
    ray = group["template"]["spec"]["containers"][0]
    opened = [{"name": p["name"], "port": p["containerPort"]} for p in ray.get("ports") or []]
    head = group.get("headService") or {}
    own = (head.get("metadata") or {}).get("name") or f"{name}-head-svc"
    yield own, [*opened, *((head.get("spec") or {}).get("ports") or [])]
    if kind == "RayService":
        serve = (spec.get("serveService") or {}).get("metadata") or {}
        ports = [port for port in opened if port["name"] == "serve"]
        yield serve.get("name") or f"{name}-serve-svc", ports


def build_start_command(params: dict[str, str], role: str) -> str:
    """Return the shell command `ray start` with its options."""
    words = ["ray start", *(["--head"] if role == "head" else [])]
    for option, value in sorted(params.items()):
        if value.lower() in _SWITCHES and option not in _WITH_SWITCH:
            words += [f"--{option}"] if value.lower() == "true" else []
        else:
            words.append(f"--{option}={value}")
    return " ".join(words)


def _build_head(spec: Object) -> Object:
    group = spec["headGroupSpec"]
    pod: Object = copy.deepcopy(group["template"])
    ray = _set_start_command(pod, group, "head")
    _add_probes(ray, group, serving=False)
    if spec.get("enableInTreeAutoscaling"):
        options = spec.get("autoscalerOptions") or {}
        autoscaler = _build_autoscaler(options, ray)
        pod["spec"]["containers"].append(autoscaler)
        lacking = [each for each in (ray, autoscaler) if not _has_logs(each)]
        for container in lacking:
            container.setdefault("volumeMounts", []).append(_LOGS)
        if lacking:
            pod["spec"].setdefault("volumes", []).append({"name": _LOGS["name"], "emptyDir": {}})
    return pod


def _has_logs(container: Object) -> bool:
    mounts = container.get("volumeMounts") or []
    return any(mount["mountPath"] == _LOGS["mountPath"] for mount in mounts)


def _build_worker(group: Object, serving: bool) -> Object:
    pod: Object = copy.deepcopy(group["template"])
    ray = _set_start_command(pod, group, "worker")
    _add_probes(ray, group, serving)
    wait: Object = {
        key: copy.deepcopy(ray[key])
        for key in ("image", "imagePullPolicy", "securityContext", "env", "volumeMounts")
        if key in ray
    }
    wait |= {"name": "wait-gcs-ready", "resources": {"requests": _WAIT, "limits": _WAIT}}
    pod["spec"].setdefault("initContainers", []).append(wait)
    return pod


def _set_start_command(pod: Object, group: Object, role: str) -> Object:
    """Set the command of the Ray container, the first one of a pod, and return the container."""
    ray: Object = pod["spec"]["containers"][0]
    before = [" ".join(ray["command"])] if "command" in ray else []
    start = f"ulimit -n 65536; {build_start_command(group.get('rayStartParams', {}), role)}"
    ray["command"], ray["args"] = ["/bin/bash", "-c", "--"], [" && ".join([*before, start])]
    return ray


def _add_probes(ray: Object, group: Object, serving: bool) -> None:
    """Add the liveness and readiness probes that the template lacks, as KubeRay does.

    KubeRay's readiness probe of a RayService's workers also requests the proxy of Ray Serve.
    """
    agent = int((group.get("rayStartParams") or {}).get("dashboard-agent-listen-port", 52365))
    health = {"httpGet": {"path": "/api/healthz", "port": agent}}
    ports = {port["name"]: port["containerPort"] for port in ray.get("ports") or []}
    urls = (f"{agent}/api/local_raylet_healthz", f"{ports.get('serve', 8000)}/-/healthz")
    wget = "wget --tries 1 -T 10 -q -O- http://localhost:{} | grep success"
    script = " && ".join(wget.format(url) for url in urls)
    proxy = {"exec": {"command": ["bash", "-c", script]}}
    ray.setdefault("livenessProbe", health)
    ray.setdefault("readinessProbe", proxy if serving else health)


def _build_autoscaler(options: Object, ray: Object) -> Object:
    container = {
        "name": "autoscaler",
        "image": options.get("image", ray["image"]),
        "resources": options.get("resources", {"requests": _AUTOSCALER, "limits": _AUTOSCALER}),
        "env": options.get("env", []),
        "volumeMounts": [*options.get("volumeMounts", [])],
    }
    if "securityContext" in options:
        container["securityContext"] = options["securityContext"]
    return container
