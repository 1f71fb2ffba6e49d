"""istiod's webhooks accept what the charts render, with the API server's admission of pods."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.charts.cases import APIS, UMBRELLA, list_pods, profile
from tests.live.mesh.istiod import Istiod, start_istiod

from carbon.charts.render import Object, Render, render_objects

NAMESPACE = "data-platform"
SIDECAR = "sidecar.istio.io/inject"
RENDERS = {
    "production": profile("production"),
    "platform.yaml": Render(
        UMBRELLA.folder, (Path(__file__).with_name("platform.yaml"),), apis=APIS
    ),
}
RENDERED = {name: render_objects(render) for name, render in RENDERS.items()}
PODS = {
    f"{name} {workload} {number}": pod
    for name, objects in RENDERED.items()
    for number, (workload, pod) in enumerate(list_pods(objects))
    if pod["metadata"]["labels"].get(SIDECAR) == "true"
}


@pytest.fixture(scope="module")
def istiod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Istiod]:
    """istiod and an API server whose namespace enforces Pod Security restricted."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": NAMESPACE, "labels": labels}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    accounts = {pod["spec"].get("serviceAccountName", "default") for pod in PODS.values()}
    with start_istiod(tmp_path_factory.mktemp("istiod")) as running:
        running.api.kubectl("create", "-f", "-", stdin=yaml.safe_dump(namespace))
        for account in accounts:
            running.api.kubectl("create", "serviceaccount", account, "-n", NAMESPACE)
        yield running


def build_pod(template: Object) -> Object:
    """Return a pod of a template; an emptyDir replaces each volume that a StatefulSet claims."""
    spec = template["spec"]
    containers = [*spec["containers"], *spec.get("initContainers", [])]
    used = {mount["name"] for each in containers for mount in each.get("volumeMounts", [])}
    missing = used - {volume["name"] for volume in spec.get("volumes", [])}
    volumes = [*spec.get("volumes", []), *({"name": name, "emptyDir": {}} for name in missing)]
    metadata = {**template["metadata"], "name": "pod", "namespace": NAMESPACE}
    spec = {"restartPolicy": "Never"} | spec | {"volumes": volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize("name", PODS)
def test_a_pod_with_its_sidecar_is_restricted_and_the_sidecar_starts_first(
    istiod: Istiod, name: str
) -> None:
    pod = build_pod(PODS[name])
    own = [each["name"] for each in pod["spec"].get("initContainers", [])]
    injected = istiod.inject(pod)
    first = injected["spec"]["initContainers"]
    assert [each["name"] for each in first] == ["istio-validation", "istio-proxy", *own]
    assert first[1]["restartPolicy"] == "Always"
    istiod.api.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(injected))


@pytest.mark.parametrize("name", RENDERED)
def test_istiod_accepts_the_rendered_objects_of_the_mesh(istiod: Istiod, name: str) -> None:
    meshed = [obj for obj in RENDERED[name] if ".istio.io/" in obj["apiVersion"]]
    assert len(meshed) > 10
    refused = {
        f"{obj['kind']}/{obj['metadata']['name']}": answer.get("status", answer)
        for obj in meshed
        if not (answer := istiod.review("validate", obj))["allowed"]
    }
    assert refused == {}


def test_istiod_refuses_a_policy_without_meaning(istiod: Istiod) -> None:
    policy: Object = {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication"}
    policy |= {"metadata": {"name": "wrong", "namespace": NAMESPACE}}
    policy |= {"spec": {"portLevelMtls": {"8000": {"mode": "STRICT"}}}}
    assert not istiod.review("validate", policy)["allowed"]
