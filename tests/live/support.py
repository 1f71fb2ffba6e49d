"""A release on the real cluster, installed by hand as a user would, and clients in pods."""

import base64
import gzip
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml

from carbon import externals
from carbon.cluster.layout import layout
from carbon.home import ROOT
from carbon.process import run

CLIENTS = Path(__file__).parent / "clients"
RELEASE = "254carbon"
TRACKING = ("--set", "feast.enabled=false", "--set", "ray-cluster.enabled=false")
"""MLflow and its stores alone, where a test is about no more."""
JSON = dict[str, Any]


def wait(what: str, done: Callable[[], bool], patience: float = 120) -> None:
    """Wait until `done` returns true; `patience` in seconds."""
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain for: {what}"
        time.sleep(0.5)


@dataclass
class Release:
    """The umbrella in one namespace (None: without -n, so in `default`).

    As a context it ends with neither release nor namespace, whatever happened in it.
    """

    namespace: str | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.helm("helm", "uninstall", RELEASE, "--wait")
        self.delete_namespace()

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        where = ["--kubeconfig", str(layout().kubeconfig), "-n", self.namespace or "default"]
        return run([externals.ensure_program("kubectl"), *where, *args], stdin=stdin, timeout=300)

    def helm(self, program: str, *args: str) -> "subprocess.CompletedProcess[str]":
        where = ["--kubeconfig", str(layout().kubeconfig)]
        where += ["-n", self.namespace] if self.namespace else []
        command = [str(externals.ensure_program(program)), *args, *where]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def apply(self, chart: str, values: object, *args: str) -> None:
        """Install or upgrade a chart with these values; waits for nothing unless told to."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            Path(file.name).write_text(json.dumps(values), encoding="utf-8")
            words = ["upgrade", "--install", RELEASE, chart, "--create-namespace", *args]
            done = self.helm("helm", *words, "--values", file.name)
        assert done.returncode == 0, done.stderr

    def install(self, program: str, *args: str) -> None:
        """`helm install 254carbon umbrella/ --wait`, and then wait for the Jobs too."""
        create = ["--create-namespace"] if self.namespace else []
        words = ["install", RELEASE, "umbrella/", "--wait", "--timeout", "5m", *create, *args]
        done = self.helm(program, *words)
        assert done.returncode == 0, done.stderr
        self.kubectl("wait", "--for=condition=Complete", "jobs", "-l", SELECTOR, "--timeout=5m")

    def uninstall(self, program: str) -> None:
        done = self.helm(program, "uninstall", RELEASE, "--wait", "--timeout", "3m")
        assert done.returncode == 0, done.stderr

    def get(self, kind: str, selector: str = "") -> list[JSON]:
        select = ["-l", selector] if selector else []
        found: JSON = json.loads(self.kubectl("get", kind, "-o", "json", *select))
        items: list[JSON] = found["items"]
        return items

    def lives(self) -> dict[str, tuple[str, int]]:
        """Each pod and Job of the release: its uid, and how often its containers restarted."""
        return {
            f"{thing['kind']} {thing['metadata']['name']}": (
                thing["metadata"]["uid"],
                sum(c["restartCount"] for c in thing["status"].get("containerStatuses", [])),
            )
            for thing in self.get("pods,jobs", SELECTOR)
        }

    def secret(self, name: str, keys: dict[str, str], kind: str = "Opaque") -> None:
        """Make a Secret, or give it other keys."""
        thing = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": kind}
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(thing | {"stringData": keys}))

    def key(self, secret: str, key: str) -> str:
        """What a key of a Secret holds."""
        [found] = [s for s in self.get("secrets") if s["metadata"]["name"] == secret]
        return base64.b64decode(found["data"][key]).decode()

    def secret_values(self) -> set[str]:
        """Every password and key in the namespace's Secrets, the releases' own aside."""
        secrets = [s for s in self.get("secrets") if s["type"] == "Opaque"]
        return {
            base64.b64decode(value).decode()
            for secret in secrets
            for key, value in secret.get("data", {}).items()
            if "user" not in key
        }

    def stored(self) -> str:
        """Everything that Helm keeps of the release, in clear."""
        kept = self.get("secrets", "owner=helm")
        packed = (base64.b64decode(base64.b64decode(s["data"]["release"])) for s in kept)
        return "\n".join(gzip.decompress(p).decode() for p in packed)

    def client(self, script: str, app: str = "mlflow", **env: str) -> "Client":
        """Run a script of `clients/` in a pod of the image that the servers of `app` have."""
        return Client(self, script, app, env)

    def drain(self, deployment: str, selector: str) -> None:
        """Evict one server after the other, as a drain does, each when the budget allows it."""
        for pod in self.get("pods", selector):
            name = pod["metadata"]["name"]
            eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
            path = f"/api/v1/namespaces/{self.namespace}/pods/{name}/eviction"
            self.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
            self.kubectl("wait", "--for=delete", f"pod/{name}", "--timeout=2m")
            self.kubectl("rollout", "status", f"deployment/{deployment}", "--timeout=3m")

    def delete_namespace(self) -> None:
        if self.namespace:
            self.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait")


SELECTOR = f"app.kubernetes.io/instance={RELEASE}"


class Client:
    """A script of `clients/` in a pod of its own, outside the release."""

    def __init__(self, release: Release, script: str, app: str, env: dict[str, str]) -> None:
        self.release = release
        self.app = app
        self.name = f"client-{Path(script).stem.replace('_', '-')}-{time.time_ns() % 10**6}"
        env = {"MLFLOW_TRACKING_URI": "http://mlflow:5000", "HOME": "/tmp"} | env  # noqa: S108
        files = {"main.py": (CLIENTS / script).read_text(encoding="utf-8")}
        objects = [_configmap(self.name, files), _pod(self.name, self._image, env)]
        release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    @cached_property
    def _image(self) -> str:
        pods = self.release.get("deployments", f"app={self.app}")
        image: str = pods[0]["spec"]["template"]["spec"]["containers"][0]["image"]
        return image

    def logs(self) -> str:
        phase = self.release.kubectl("get", "pod", self.name, "-o", "jsonpath={.status.phase}")
        return "" if phase == "Pending" else self.release.kubectl("logs", self.name)

    def result(self, patience: float = 180) -> str:
        """What it printed, once it has ended well; its objects go then."""

        def ended() -> bool:
            what = "jsonpath={.status.phase}"
            phase = self.release.kubectl("get", "pod", self.name, "-o", what)
            assert phase != "Failed", self.logs()
            return phase == "Succeeded"

        wait(f"the end of {self.name}", ended, patience)
        said = self.logs().strip()
        self.release.kubectl("delete", "pod,configmap", self.name, "--wait=false")
        return said


def _configmap(name: str, files: dict[str, str]) -> JSON:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": files}


def _pod(name: str, image: str, env: dict[str, str]) -> JSON:
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
