"""Who may do what, how much there is, and pools of GPUs, on a real API server.

The node is made to offer the GPUs that it does not have, so that everything but the addition itself
is real: quota, priorities, scheduling and the way in which helm test asks for a pod.
"""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.charts.roles import ROLES, drawn
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
    made = Release(NAMESPACE)
    values = tmp_path_factory.mktemp("values") / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    try:
        made.kubectl("create", "namespace", "gpu-operator")
        done = install(made, values)
        assert done == "", done
        yield made
    finally:
        offer(made, None)
        made.helm("helm", "uninstall", RELEASE, "--wait")
        made.delete_namespace()
        made.kubectl("delete", "namespace", "gpu-operator", "--ignore-not-found", "--wait")


def install(release: Release, values: Path, *more: str) -> str:
    """Install or upgrade; what went wrong."""
    words = ["upgrade", "--install", RELEASE, "umbrella/", "--create-namespace", "--wait"]
    done = release.helm("helm", *words, "--values", str(values), *more)
    return done.stderr if done.returncode else ""


def offer(release: Release, count: int | None) -> None:
    """Let the node offer so many slices; None is no GPU at all."""
    node = release.get("nodes")[0]["metadata"]["name"]
    label = "nvidia.com/gpu.family" + ("-" if count is None else "=kepler")
    release.kubectl("label", "node", node, label, "--overwrite")
    change: JSON = {"op": "add", "path": OFFERED, "value": str(count or 0)}
    patch = ["patch", "node", node, "--subresource=status", "--type=json", "-p"]
    release.kubectl(*patch, json.dumps([change]))

    def offered() -> bool:
        there = release.get("nodes")[0]["status"]["allocatable"]
        return int(there.get(GPU, 0)) == (count or 0)

    wait(f"{count} slices", offered)


def question(role: str, group: str, resource: str, verb: str) -> JSON:
    name, _, part = resource.partition("/")
    asked = {"namespace": NAMESPACE, "group": group, "resource": name, "verb": verb}
    spec = {
        "user": "someone",
        "groups": [role],
        "resourceAttributes": asked | {"subresource": part},
    }
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def test_each_role_may_do_what_the_matrix_says_and_nothing_else(release: Release) -> None:
    granted = drawn()
    verbs = ("get", "list", "watch", "create", "update", "patch", "delete")
    resources = {(g, r) for own in granted.values() for g, r, _ in own}
    resources |= {("", "nodes"), ("", "serviceaccounts/token"), ("", "pods/attach")}
    asked = list(product(ROLES, sorted(resources), verbs))
    reviews = [question(role, g, r, verb) for role, (g, r), verb in asked]
    said = release.kubectl("create", "-f", "-", "-o", "json", stdin=yaml.safe_dump_all(reviews))
    decoder, answers, at = json.JSONDecoder(), [], 0
    while at < len(said.rstrip()):
        answer, at = decoder.raw_decode(said, at)
        answers += answer.get("items", [answer])
        at += len(said[at:]) - len(said[at:].lstrip())
    allowed = {
        (role, g, r, verb)
        for (role, (g, r), verb), answer in zip(asked, answers, strict=True)
        if answer["status"]["allowed"]
    }
    assert allowed == {(role, *grant) for role in ROLES for grant in granted[role]}


def pod(name: str, **spec: object) -> str:
    limits = spec.pop("limits", None)
    container = {"name": "a", "image": "a.example/a:1"} | (
        {"resources": {"limits": limits}} if limits else {}
    )
    container["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    whole = {"containers": [container], "securityContext": security, **spec}
    thing = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": whole}
    return yaml.safe_dump(thing)


def tried(release: Release, thing: str) -> JSON:
    """What the API server would make of an object."""
    said = release.kubectl("create", "--dry-run=server", "-f", "-", "-o", "json", stdin=thing)
    made: JSON = json.loads(said)
    return made


def test_a_pod_that_states_nothing_gets_limits_and_one_beyond_the_quota_is_refused(
    release: Release,
) -> None:
    given = tried(release, pod("modest"))["spec"]["containers"][0]["resources"]
    assert given["limits"] == {"cpu": "500m", "memory": "512Mi"}
    assert given["requests"] == {"cpu": "50m", "memory": "128Mi"}
    with pytest.raises(CarbonError, match=r"exceeded quota: platform.*limits\.cpu=5"):
        tried(release, pod("greedy", limits={"cpu": "5", "memory": "1Gi"}))


def test_gpus_are_counted_altogether_and_for_a_class(release: Release) -> None:
    serving = tried(release, pod("a", limits={GPU: 8}, priorityClassName=f"{NAMESPACE}-serving"))
    assert serving["spec"]["priority"] == 300000
    assert serving["spec"]["preemptionPolicy"] == "PreemptLowerPriority"
    with pytest.raises(CarbonError, match=r"exceeded quota: gpu-pool,.*requests.*=9"):
        tried(release, pod("b", limits={GPU: 9}))
    batch = f"{NAMESPACE}-batch"
    assert tried(release, pod("c", limits={GPU: 4}, priorityClassName=batch))
    with pytest.raises(CarbonError, match=r"exceeded quota: gpu-pool-batch,.*limited:.*=4"):
        tried(release, pod("d", limits={GPU: 5}, priorityClassName=batch))


def said_no(release: Release) -> bool:
    """Whether the test itself ended with its message, rather than its pod for another reason."""
    status = release.get("pods", "app=gpu-pool-test")[0]["status"]
    return bool(status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 1)


def test_helm_test_looks_at_the_objects_and_adds_vectors_where_a_gpu_is(
    release: Release,
) -> None:
    without = release.helm("helm", "test", RELEASE, "--logs")
    assert without.returncode == 0, without.stdout + without.stderr
    assert "priorityclasses/governed-serving: as expected" in without.stdout
    assert f"pool k80: no node offers {GPU}, so no vectors are added" in without.stdout

    offer(release, 8)
    added = release.helm("helm", "test", RELEASE, "--logs")
    assert added.returncode == 0, added.stdout + added.stderr
    assert f"pool k80: vectors added on one of 8 {GPU}" in added.stdout
    wait("the end of its pod", lambda: not release.get("pods", "app=gpu-pool-vector-add-k80"))

    offer(release, 6)
    assert release.helm("helm", "test", RELEASE).returncode != 0
    assert said_no(release)


def test_helm_test_fails_where_the_addition_does(release: Release, tmp_path: Path) -> None:
    offer(release, 8)
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(VALUES), encoding="utf-8")
    wrong = 'gpu-pool.vectorAdd.programs.kepler.command=["false"]'
    said = install(release, values, "--set-json", wrong, "--set", "gpu-pool.test.timeoutSeconds=15")
    assert said == ""
    assert release.helm("helm", "test", RELEASE).returncode != 0
    assert said_no(release)
