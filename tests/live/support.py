"""Releases on the local cluster, installed with Helm as a user installs them, and client pods."""

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
from tests.live.client_pod import build_client

from carbon import externals
from carbon.cluster.layout import layout
from carbon.home import ROOT
from carbon.process import run

CLIENTS = Path(__file__).parent / "clients"
RELEASE = "254carbon"
SELECTOR = f"app.kubernetes.io/instance={RELEASE}"
TRACKING = ("--set", "feast.enabled=false", "--set", "ray-cluster.enabled=false")
"""Flags for a release of MLflow and its stores only."""
JSON = dict[str, Any]


def wait(what: str, done: Callable[[], bool], patience: float = 120) -> None:
    """Wait until `done` returns true; fail the test after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"timed out after {patience:.0f} s: waiting for {what}"
        time.sleep(0.5)


def is_ready(pod: JSON) -> bool:
    """Return whether a pod is Ready and is not being deleted."""
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    return "deletionTimestamp" not in pod["metadata"] and conditions.get("Ready") == "True"


@dataclass
class Release:
    """A release in one namespace. With None, kubectl and helm run without -n, in `default`.

    As a context manager it uninstalls the release and deletes the namespace at the end.
    """

    namespace: str | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.helm("helm", "uninstall", RELEASE, "--wait")
        self.delete_namespace()

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace; return the output."""
        where = ["--kubeconfig", str(layout().kubeconfig), "-n", self.namespace or "default"]
        return run([externals.ensure_program("kubectl"), *where, *args], stdin=stdin, timeout=300)

    def helm(self, program: str, *args: str) -> "subprocess.CompletedProcess[str]":
        """Run `program` (helm or helm3) in the namespace."""
        where = ["--kubeconfig", str(layout().kubeconfig)]
        where += ["-n", self.namespace] if self.namespace else []
        command = [str(externals.ensure_program(program)), *args, *where]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def apply(self, chart: str, values: object, *args: str) -> None:
        """Install or upgrade a chart with these values; waits only if `args` contain --wait."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            Path(file.name).write_text(json.dumps(values), encoding="utf-8")
            words = ["upgrade", "--install", RELEASE, chart, "--create-namespace", *args]
            done = self.helm("helm", *words, "--values", file.name)
        assert done.returncode == 0, done.stderr

    def install(self, program: str, *args: str) -> None:
        """Run `helm install 254carbon umbrella/` until the release is Ready."""
        create = ["--create-namespace"] if self.namespace else []
        self.run_helm(program, "install", RELEASE, "umbrella/", *create, *args)

    def run_helm(self, program: str, *args: str, timeout: str = "5m") -> None:
        """Run Helm until the release is Ready and its Jobs are complete."""
        done = self.helm(program, *args, "--wait", "--timeout", timeout)
        assert done.returncode == 0, done.stderr
        self.kubectl("wait", "--for=condition=Complete", "jobs", "-l", SELECTOR, "--timeout=5m")

    def uninstall(self, program: str) -> None:
        """Uninstall the release and wait."""
        done = self.helm(program, "uninstall", RELEASE, "--wait", "--timeout", "3m")
        assert done.returncode == 0, done.stderr

    def run_tests(self, program: str = "helm", *args: str) -> str:
        """Run `helm test`; return its output with the logs of the test pods."""
        tested = self.helm(program, "test", RELEASE, "--logs", *args)
        assert tested.returncode == 0, tested.stdout + tested.stderr
        return tested.stdout

    def get(self, kind: str, selector: str = "") -> list[JSON]:
        """Return the objects of a kind that the label selector selects."""
        select = ["-l", selector] if selector else []
        found: JSON = json.loads(self.kubectl("get", kind, "-o", "json", *select))
        items: list[JSON] = found["items"]
        return items

    def list_uids(self, selector: str) -> set[str]:
        """Return the UIDs of the selected pods."""
        return {pod["metadata"]["uid"] for pod in self.get("pods", selector)}

    def list_restarts(self) -> dict[str, tuple[str, int]]:
        """Return UID and number of container restarts of each pod and Job of the release.

        Pods that are being deleted do not count.
        """
        return {
            f"{obj['kind']} {obj['metadata']['name']}": (
                obj["metadata"]["uid"],
                sum(c["restartCount"] for c in obj["status"].get("containerStatuses", [])),
            )
            for obj in self.get("pods,jobs", SELECTOR)
            if "deletionTimestamp" not in obj["metadata"]
        }

    def apply_secret(self, name: str, keys: dict[str, str], kind: str = "Opaque") -> None:
        """Create a Secret, or change the given keys."""
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": kind}
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(secret | {"stringData": keys}))

    def read_key(self, secret: str, key: str) -> str:
        """Return the value of a key of a Secret."""
        [found] = [s for s in self.get("secrets") if s["metadata"]["name"] == secret]
        return base64.b64decode(found["data"][key]).decode()

    def read_passwords(self) -> set[str]:
        """Return all passwords and access keys in the namespace's Secrets other than Helm's."""
        secrets = [s for s in self.get("secrets") if s["type"] == "Opaque"]
        return {
            base64.b64decode(value).decode()
            for secret in secrets
            for key, value in secret.get("data", {}).items()
            if "user" not in key
        }

    def read_stored_release(self) -> str:
        """Return the content of Helm's Secrets of the release, decoded."""
        secrets = self.get("secrets", "owner=helm")
        packed = (base64.b64decode(base64.b64decode(s["data"]["release"])) for s in secrets)
        return "\n".join(gzip.decompress(p).decode() for p in packed)

    def list_stored_sizes(self) -> list[int]:
        """Return the bytes of each of Helm's Secrets of the release, as Kubernetes limits them."""
        secrets = self.get("secrets", "owner=helm")
        return [len(base64.b64decode(s["data"]["release"])) for s in secrets]

    def start_client(self, script: str, app: str = "mlflow", **env: str) -> "Client":
        """Start a script of `clients/` in a pod with the image of the servers of `app`."""
        return Client(self, script, app, env)

    def drain(self, deployment: str, selector: str) -> None:
        """Evict the selected pods one by one, each after the previous pod has been replaced."""
        for pod in self.get("pods", selector):
            name = pod["metadata"]["name"]
            eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
            path = f"/api/v1/namespaces/{self.namespace}/pods/{name}/eviction"
            self.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
            self.kubectl("wait", "--for=delete", f"pod/{name}", "--timeout=2m")
            self.kubectl("rollout", "status", f"deployment/{deployment}", "--timeout=3m")

    def delete_namespace(self) -> None:
        """Delete the namespace and wait."""
        if self.namespace:
            self.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait")


class Client:
    """A script of `clients/` in a pod outside the release."""

    def __init__(self, release: Release, script: str, app: str, env: dict[str, str]) -> None:
        self.release = release
        self.app = app
        self.name = f"client-{Path(script).stem.replace('_', '-')}-{time.time_ns() % 10**6}"
        env = {"MLFLOW_TRACKING_URI": "http://mlflow:5000", "HOME": "/tmp"} | env  # noqa: S108
        text = (CLIENTS / script).read_text(encoding="utf-8")
        objects = build_client(self.name, text, self._image, env)
        release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    @cached_property
    def _image(self) -> str:
        pods = self.release.get("deployments", f"app={self.app}")
        image: str = pods[0]["spec"]["template"]["spec"]["containers"][0]["image"]
        return image

    def read_log(self) -> str:
        """Return the output of the script so far."""
        phase = self.release.kubectl("get", "pod", self.name, "-o", "jsonpath={.status.phase}")
        return "" if phase == "Pending" else self.release.kubectl("logs", self.name)

    def stop(self) -> None:
        """End the time of a script that looks for /tmp/stop; fail if it has ended before."""
        self.release.kubectl("exec", self.name, "--", "touch", "/tmp/stop")  # noqa: S108

    def wait_for_output(self, patience: float = 180) -> str:
        """Wait until the script succeeds, delete its objects, and return the output."""

        def has_succeeded() -> bool:
            what = "jsonpath={.status.phase}"
            phase = self.release.kubectl("get", "pod", self.name, "-o", what)
            assert phase != "Failed", self.read_log()
            return phase == "Succeeded"

        wait(f"the end of {self.name}", has_succeeded, patience)
        output = self.read_log().strip()
        self.release.kubectl("delete", "pod,configmap", self.name, "--wait=false")
        return output

    def wait_for_json(self, patience: float = 180) -> Any:
        """Wait until the script succeeds and return the last line of the output, parsed."""
        return json.loads(self.wait_for_output(patience).splitlines()[-1])


def check_logged_runs(client: Client) -> None:
    """Wait for log_runs.py; fail if a call failed or an acknowledged run is lost."""
    counts = client.wait_for_json()
    print(f"{client.name}: {counts}")
    assert counts["acknowledged"] > 10
    assert counts["failed"] == []
    assert counts["lost"] == []
