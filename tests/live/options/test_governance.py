"""User roles, quotas and GPU pools on a real API server.

The test sets GPUs in the status of the node, which has none. Quota, priorities, scheduling and the
pods of `helm test` are real; only the program that runs on the GPU is replaced.
"""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.charts.generate.roles import ROLES, render_grants
from carbon.errors import CarbonError
from carbon.platform.target import Target

NAMESPACE = "governed"
GPU = "nvidia.com/gpu.shared"
OFFERED = f"/status/capacity/{GPU.replace('/', '~1')}"
BUSYBOX = {"registry": "docker.io", "repository": "library/busybox", "tag": "1.37.0"}
VALUES = {
    "global": {
        "gpuPools": {
            "k80": {
                "selector": {"nvidia.com/gpu.family": "kepler"},
                "count": 2,
                "sharing": {"mode": "timeSlicing", "replicas": 4},
            }
        }
    },
    "data-services": {"enabled": False},
    **{name: {"enabled": False} for name in ("mlflow", "feast", "ray-cluster")},
    "quota": {"enabled": True, "hard": {"limits.cpu": "4", "pods": "20"}},
    "limitRange": {"enabled": True},
    "roles": {
        key: {"subjects": [{"kind": "Group", "name": name}]}
        for key, name in zip(
            ("viewer", "dataScientist", "engineer", "operator"), ROLES, strict=True
        )
    },
    "gpu-pool": {
        "enabled": True,
        "operator": {"driver": {"source": "host", "version": "470.256.02"}},
        "quota": {"classes": {"batch": 50}},
        "test": {"timeoutSeconds": 120},
        "vectorAdd": {"programs": {"kepler": {"image": BUSYBOX, "command": ["true"]}}},
    },
}


@pytest.fixture(scope="module")
def release(cluster: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    release = Release(NAMESPACE)
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    try:
        release.kubectl("create", "namespace", "gpu-operator")
        error = install(release, values)
        assert error == "", error
        yield release
    finally:
        offer_gpus(release, None)
        release.helm("helm", "uninstall", RELEASE, "--wait")
        release.delete_namespace()
        release.kubectl("delete", "namespace", "gpu-operator", "--ignore-not-found", "--wait")


def install(release: Release, values: Path, *more: str) -> str:
    """Install or upgrade the umbrella; return the error message, empty on success."""
    words = ["upgrade", "--install", RELEASE, "umbrella/", "--create-namespace", "--wait"]
    done = release.helm("helm", *words, "--values", str(values), *more)
    return done.stderr if done.returncode else ""


def offer_gpus(release: Release, count: int | None) -> None:
    """Set the number of GPU shares that the node offers; None removes the GPU label, too."""
    node = release.get("nodes")[0]["metadata"]["name"]
    label = "nvidia.com/gpu.family" + ("-" if count is None else "=kepler")
    release.kubectl("label", "node", node, label, "--overwrite")
    change: JSON = {"op": "add", "path": OFFERED, "value": str(count or 0)}
    patch = ["patch", "node", node, "--subresource=status", "--type=json", "-p"]
    release.kubectl(*patch, json.dumps([change]))

    def is_offered() -> bool:
        allocatable = release.get("nodes")[0]["status"]["allocatable"]
        return int(allocatable.get(GPU, 0)) == (count or 0)

    wait(f"{count} GPU shares", is_offered)


def build_review(role: str, group: str, resource: str, verb: str) -> JSON:
    """Return a SubjectAccessReview for a user in the group of a role."""
    name, _, subresource = resource.partition("/")
    attributes = {"namespace": NAMESPACE, "group": group, "resource": name, "verb": verb}
    spec = {
        "user": "someone",
        "groups": [role],
        "resourceAttributes": attributes | {"subresource": subresource},
    }
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def test_each_role_has_exactly_the_permissions_that_the_umbrella_renders(release: Release) -> None:
    granted = render_grants()
    verbs = ("get", "list", "watch", "create", "update", "patch", "delete")
    resources = {(g, r) for own in granted.values() for g, r, _ in own}
    resources |= {("", "nodes"), ("", "serviceaccounts/token"), ("", "pods/attach")}
    combinations = list(product(ROLES, sorted(resources), verbs))
    reviews = [build_review(role, g, r, verb) for role, (g, r), verb in combinations]
    output = release.kubectl("create", "-f", "-", "-o", "json", stdin=yaml.safe_dump_all(reviews))
    decoder, answers, at = json.JSONDecoder(), [], 0
    while at < len(output.rstrip()):
        answer, at = decoder.raw_decode(output, at)
        answers += answer.get("items", [answer])
        at += len(output[at:]) - len(output[at:].lstrip())
    allowed = {
        (role, g, r, verb)
        for (role, (g, r), verb), answer in zip(combinations, answers, strict=True)
        if answer["status"]["allowed"]
    }
    assert allowed == {(role, *grant) for role in ROLES for grant in granted[role]}


def build_pod(name: str, **spec: object) -> str:
    """Return a restricted pod as YAML; `limits` go to its container, other keys to its spec."""
    limits = spec.pop("limits", None)
    container = {"name": "a", "image": "a.example/a:1"} | (
        {"resources": {"limits": limits}} if limits else {}
    )
    container["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod_spec = {"containers": [container], "securityContext": security, **spec}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_spec}
    return yaml.safe_dump(pod)


def dry_run(release: Release, obj: str) -> JSON:
    """Return the object that the API server would create."""
    output = release.kubectl("create", "--dry-run=server", "-f", "-", "-o", "json", stdin=obj)
    created: JSON = json.loads(output)
    return created


def test_a_pod_gets_default_limits_and_a_pod_beyond_the_quota_is_refused(
    release: Release,
) -> None:
    resources = dry_run(release, build_pod("modest"))["spec"]["containers"][0]["resources"]
    assert resources["limits"] == {"cpu": "500m", "memory": "512Mi"}
    assert resources["requests"] == {"cpu": "50m", "memory": "128Mi"}
    with pytest.raises(CarbonError, match=r"exceeded quota: platform.*limits\.cpu=5"):
        dry_run(release, build_pod("greedy", limits={"cpu": "5", "memory": "1Gi"}))


def test_gpu_quotas_apply_to_the_namespace_and_to_a_priority_class(release: Release) -> None:
    serving = dry_run(
        release, build_pod("a", limits={GPU: 8}, priorityClassName=f"{NAMESPACE}-serving-300000")
    )
    assert serving["spec"]["priority"] == 300000
    assert serving["spec"]["preemptionPolicy"] == "Never"
    with pytest.raises(CarbonError, match=r"exceeded quota: gpu-pool,.*requests.*=9"):
        dry_run(release, build_pod("b", limits={GPU: 9}))
    batch = f"{NAMESPACE}-batch-100000"
    assert dry_run(release, build_pod("c", limits={GPU: 4}, priorityClassName=batch))
    with pytest.raises(CarbonError, match=r"exceeded quota: gpu-pool-batch,.*limited:.*=4"):
        dry_run(release, build_pod("d", limits={GPU: 5}, priorityClassName=batch))


def has_test_failed(release: Release) -> bool:
    """Return whether the test program itself failed: its exit code is 1."""
    status = release.get("pods", "app=gpu-pool-test")[0]["status"]
    return bool(status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 1)


def test_helm_test_adds_vectors_on_a_gpu_and_reports_missing_gpus(
    release: Release,
) -> None:
    without = release.run_tests()
    assert "priorityclasses/governed-serving-300000: as expected" in without
    assert f"pool k80: no node offers {GPU}, so no vectors are added" in without

    offer_gpus(release, 8)
    added = release.run_tests()
    assert f"pool k80: vectors added on one of 8 {GPU}" in added
    wait(
        "the deletion of the pod of vectorAdd",
        lambda: not release.get("pods", "app=gpu-pool-vector-add-k80"),
    )

    offer_gpus(release, 6)
    assert release.helm("helm", "test", RELEASE).returncode != 0
    assert has_test_failed(release)


def test_helm_test_fails_when_the_vector_addition_fails(release: Release, tmp_path: Path) -> None:
    offer_gpus(release, 8)
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    wrong = 'gpu-pool.vectorAdd.programs.kepler.command=["false"]'
    error = install(
        release, values, "--set-json", wrong, "--set", "gpu-pool.test.timeoutSeconds=15"
    )
    assert error == "", error
    assert release.helm("helm", "test", RELEASE).returncode != 0
    assert has_test_failed(release)
