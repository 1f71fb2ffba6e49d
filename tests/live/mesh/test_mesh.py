"""A mesh by Istio on the local cluster: sidecars in a restricted namespace, and STRICT mTLS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.live.client_pod import build_client
from tests.live.support import JSON, Release, is_ready, wait

from carbon.platform.target import Target

NAMESPACE = "meshed"
IMAGE = "docker.io/library/python:3.11-slim-bookworm"
URL = f"http://server.{NAMESPACE}:8000/"
SERVE = "import http.server; http.server.test(HandlerClass=http.server.SimpleHTTPRequestHandler)"
FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).status)"
IDLE = "import time; time.sleep(3600)"


def build_namespace(name: str, injection: str) -> JSON:
    """Return a namespace that enforces Pod Security restricted, with or without sidecars."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "istio-injection": injection}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


SERVICE: JSON = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "server"},
    "spec": {"selector": {"app": "server"}, "ports": [{"name": "http", "port": 8000}]},
}
STRICT: JSON = {
    "apiVersion": "security.istio.io/v1",
    "kind": "PeerAuthentication",
    "metadata": {"name": "default"},
    "spec": {"mtls": {"mode": "STRICT"}},
}


def build_pod(name: str, script: str) -> list[JSON]:
    """Return a pod that runs a Python script, and the script's ConfigMap."""
    configmap, pod = build_client(name, script, IMAGE, {})
    pod["metadata"]["labels"] = {"app": name}
    requests, limits = {"cpu": "10m", "memory": "32Mi"}, {"cpu": "1", "memory": "128Mi"}
    pod["spec"]["containers"][0]["resources"] = {"requests": requests, "limits": limits}
    return [configmap, pod]


def fetch(release: Release) -> str:
    """Fetch URL in the pod `client` of a namespace; return what the client printed."""
    command = f"python3 -c '{FETCH}' {URL} 2>&1 || true"
    return release.kubectl("exec", "client", "-c", "client", "--", "sh", "-c", command)


def apply(release: Release, *objects: JSON) -> None:
    release.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))


@pytest.fixture(scope="module")
def inside(mesh: Target) -> Iterator[Release]:
    """A namespace in the mesh with the pods `server` and `client`."""
    release = Release(NAMESPACE)
    apply(release, build_namespace(NAMESPACE, "enabled"))
    try:
        apply(release, STRICT, SERVICE, *build_pod("server", SERVE), *build_pod("client", IDLE))
        wait("the pods in the mesh", lambda: len(list_ready(release)) == 2)
        yield release
    finally:
        release.delete_namespace()


@pytest.fixture(scope="module")
def outside(mesh: Target) -> Iterator[Release]:
    """A namespace outside the mesh with the pod `client`."""
    release = Release("unmeshed")
    apply(release, build_namespace("unmeshed", "disabled"))
    try:
        apply(release, *build_pod("client", IDLE))
        wait("the pod outside the mesh", lambda: len(list_ready(release)) == 1)
        yield release
    finally:
        release.delete_namespace()


def list_ready(release: Release) -> list[JSON]:
    return [pod for pod in release.get("pods") if is_ready(pod)]


def test_pods_of_a_restricted_namespace_have_native_sidecars(inside: Release) -> None:
    for pod in inside.get("pods"):
        containers: list[dict[str, Any]] = pod["spec"]["initContainers"]
        policies = {each["name"]: each.get("restartPolicy") for each in containers}
        assert policies == {"istio-validation": None, "istio-proxy": "Always"}


def test_under_strict_mtls_only_pods_in_the_mesh_are_answered(
    inside: Release, outside: Release
) -> None:
    wait("an answer inside the mesh", lambda: fetch(inside).strip() == "200", 60)
    assert "Connection reset" in fetch(outside)


def test_a_job_in_the_mesh_completes(inside: Release) -> None:
    configmap, pod = build_pod("job", f"URL = {URL!r}\nimport urllib.request as r; r.urlopen(URL)")
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}}
    template = {"metadata": {"labels": {"app": "job"}}, "spec": pod["spec"]}
    apply(inside, configmap, job | {"spec": {"template": template, "backoffLimit": 0}})
    inside.kubectl("wait", "--for=condition=Complete", "job/job", "--timeout=2m")
    [finished] = inside.get("pods", "app=job")
    assert finished["status"]["phase"] == "Succeeded", json.dumps(finished["status"])
