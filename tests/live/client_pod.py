"""The pod of a client script, and the ConfigMap with the script."""

from typing import Any


def build_client(name: str, script: str, image: str, env: dict[str, str]) -> list[dict[str, Any]]:
    """Return a ConfigMap with a script and a pod that runs the script, both named `name`."""
    configmap: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap"}
    configmap |= {"metadata": {"name": name}, "data": {"main.py": script}}
    return [configmap, _build_pod(name, image, env)]


def _build_pod(name: str, image: str, env: dict[str, str]) -> dict[str, Any]:
    restricted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    container = {
        "name": "client",
        "image": image,
        "command": ["python3", "/client/main.py"],
        "env": [{"name": k, "value": v} for k, v in env.items()],
        "securityContext": restricted,
        "resources": {
            "requests": {"cpu": "50m", "memory": "256Mi"},
            "limits": {"cpu": "2", "memory": "1Gi"},
        },
        "volumeMounts": [
            {"name": "client", "mountPath": "/client"},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "client", "configMap": {"name": name}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
