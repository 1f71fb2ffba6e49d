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


def build_pods(spec: Object) -> Iterator[Object]:
    """Yield the head's pod and a pod of each worker group, each with metadata and spec."""
    yield _build_head(spec)
    for group in spec.get("workerGroupSpecs", []):
        yield _build_worker(group)


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
        words += [f"--{option}"] if value in _SWITCHES else [f"--{option}={value}"]
    return " ".join(words)


def _build_head(spec: Object) -> Object:
    group = spec["headGroupSpec"]
    pod: Object = copy.deepcopy(group["template"])
    ray = _set_start_command(pod, group, "head")
    if spec.get("enableInTreeAutoscaling"):
        options = spec.get("autoscalerOptions") or {}
        pod["spec"]["containers"].append(_build_autoscaler(options, ray))
        pod["spec"].setdefault("volumes", []).append({"name": _LOGS["name"], "emptyDir": {}})
        ray.setdefault("volumeMounts", []).append(_LOGS)
    return pod


def _build_worker(group: Object) -> Object:
    pod: Object = copy.deepcopy(group["template"])
    ray = _set_start_command(pod, group, "worker")
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


def _build_autoscaler(options: Object, ray: Object) -> Object:
    container = {
        "name": "autoscaler",
        "image": options.get("image", ray["image"]),
        "resources": options.get("resources", {"requests": _AUTOSCALER, "limits": _AUTOSCALER}),
        "env": options.get("env", []),
        "volumeMounts": [*options.get("volumeMounts", []), _LOGS],
    }
    if "securityContext" in options:
        container["securityContext"] = options["securityContext"]
    return container
