"""Missing Secrets, ConfigMaps, images and volumes that pods wait for."""

from typing import Any

import pytest
from lightkube.resources.apps_v1 import Deployment, StatefulSet
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod

from carbon.platform.failures import list_failures
from carbon.platform.obstacles import Existing, Obstacle, list_obstacles
from carbon.platform.progress import build_error, list_stuck
from carbon.platform.secrets import reset_job
from carbon.platform.workloads import Snapshot

EXISTING = Existing(
    secrets=frozenset({"there"}),
    config_maps=frozenset({"there"}),
    claims={"bound": "", "lost": "deleted"},
)
NOT_STARTED = {"waiting": {"reason": "PodInitializing"}}


def _build_pod(
    spec: dict[str, Any] | None = None, state: dict[str, Any] | None = None, **container: Any
) -> Any:
    first = {"name": "main", "image": "registry/app:1", **container}
    status = {"name": "main", "image": "", "imageID": "", "ready": False, "restartCount": 0}
    return Pod.from_dict(
        {
            "metadata": {"name": "pod"},
            "spec": {"containers": [first], **(spec or {})},
            "status": {
                "phase": "Pending",
                "containerStatuses": [{**status, "state": state or NOT_STARTED}],
            },
        }
    )


def _refer(kind: str, name: str, **more: Any) -> list[dict[str, Any]]:
    """Return an environment with one variable from a Secret (secret) or ConfigMap (configMap)."""
    reference = {"name": name, "key": "k", **more}
    return [{"name": "V", "valueFrom": {f"{kind}KeyRef": reference}}]


def _mount(volume: dict[str, Any]) -> dict[str, Any]:
    return {"volumes": [{"name": "v", **volume}]}


def _list(pod: Pod) -> list[str]:
    return [obstacle.what for obstacle in list_obstacles([pod], EXISTING)]


@pytest.mark.parametrize(
    ("pod", "what"),
    [
        (_build_pod(env=_refer("secret", "gone")), "Secret gone does not exist"),
        (_build_pod(env=_refer("configMap", "gone")), "ConfigMap gone does not exist"),
        (_build_pod(envFrom=[{"secretRef": {"name": "gone"}}]), "Secret gone does not exist"),
        (
            _build_pod(_mount({"secret": {"secretName": "gone"}})),
            "Secret gone does not exist",
        ),
        (
            _build_pod(_mount({"projected": {"sources": [{"configMap": {"name": "gone"}}]}})),
            "ConfigMap gone does not exist",
        ),
        (
            _build_pod(_mount({"persistentVolumeClaim": {"claimName": "gone"}})),
            "PersistentVolumeClaim gone gets no volume: the claim does not exist",
        ),
        (
            _build_pod(_mount({"persistentVolumeClaim": {"claimName": "lost"}})),
            "PersistentVolumeClaim lost gets no volume: deleted",
        ),
        (
            _build_pod(state={"waiting": {"reason": "ErrImagePull", "message": "no such host"}}),
            "image registry/app:1 can't be pulled: no such host",
        ),
        (
            _build_pod(
                state={
                    "waiting": {
                        "reason": "CreateContainerConfigError",
                        "message": "couldn't find key k in Secret ns/there",
                    }
                },
                env=_refer("secret", "there"),
            ),
            "container main can't be created: couldn't find key k in Secret ns/there",
        ),
    ],
)
def test_names_what_a_pod_waits_for(pod: Pod, what: str) -> None:
    assert _list(pod) == [what]


@pytest.mark.parametrize(
    "pod",
    [
        _build_pod(env=_refer("secret", "there")),
        _build_pod(env=_refer("secret", "gone", optional=True)),
        _build_pod(_mount({"secret": {"secretName": "gone", "optional": True}})),
        _build_pod(_mount({"persistentVolumeClaim": {"claimName": "bound"}})),
        _build_pod(env=_refer("secret", "gone"), state={"running": {}}),
        _build_pod(state={"waiting": {"reason": "CrashLoopBackOff"}}),
    ],
)
def test_lists_no_obstacle_for_a_pod_that_has_started_or_has_all_required_objects(pod: Pod) -> None:
    assert _list(pod) == []


def test_pods_that_wait_for_the_same_object_are_one_obstacle() -> None:
    pods = [_build_pod(env=_refer("secret", "gone")) for _ in range(2)]
    assert len(list_obstacles(pods, EXISTING)) == 1


def test_the_remedy_differs_for_a_secret_that_a_job_generates() -> None:
    obstacles = [
        Obstacle("Secret", name, f"Secret {name} does not exist", ("pod-0",)) for name in ("a", "b")
    ]
    error = build_error(obstacles, generated={"b"})
    assert "Secret a does not exist (needed by pod-0)" in error.what
    assert "kubectl create secret generic a --from-literal" in error.remedy
    assert "generic b" not in error.remedy
    assert "recreates the Secret with a new password" in error.remedy


def test_a_job_is_recreated_without_the_fields_that_the_api_server_set() -> None:
    owned = {"controller-uid": "u", "batch.kubernetes.io/job-name": "j"}
    job = {
        "metadata": {"name": "j", "labels": {"app": "a"}, "uid": "u", "resourceVersion": "1"},
        "spec": {
            "backoffLimit": 1,
            "selector": {"matchLabels": owned},
            "template": {"metadata": {"labels": {"app": "a", **owned}}, "spec": {"x": "y"}},
        },
        "status": {"succeeded": 1},
    }
    assert reset_job(job) == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "labels": {"app": "a"}},
        "spec": {
            "backoffLimit": 1,
            "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"x": "y"}},
        },
    }


@pytest.mark.parametrize(("revision", "stuck"), [("old", ["redis-0"]), ("new", [])])
def test_a_pending_pod_is_stuck_only_if_it_has_an_older_revision_of_its_template(
    revision: str, stuck: list[str]
) -> None:
    owner = {"kind": "StatefulSet", "name": "redis", "apiVersion": "apps/v1", "uid": "u"}
    pod: Any = Pod.from_dict(
        {
            "metadata": {
                "name": "redis-0",
                "labels": {"controller-revision-hash": revision},
                "ownerReferences": [owner],
            },
            "status": {"phase": "Pending"},
        }
    )
    workload: Any = StatefulSet.from_dict(
        {
            "metadata": {"name": "redis"},
            "spec": {"selector": {}, "template": {}, "serviceName": "redis"},
            "status": {"replicas": 1, "updateRevision": "new"},
        }
    )
    assert list_stuck(Snapshot([workload], [pod], [])) == stuck


def _build_workload(kind: Any, condition: str, **annotations: str) -> Any:
    conditions = [{"type": condition, "status": "True", "message": "exceeded quota: small"}]
    return kind.from_dict(
        {
            "metadata": {"name": "web", "annotations": annotations},
            "spec": {"selector": {}, "template": {}},
            "status": {"conditions": conditions},
        }
    )


def test_a_failed_job_of_the_release_and_refused_pods_are_failures() -> None:
    of_helm = {"meta.helm.sh/release-name": "254carbon"}
    job = _build_workload(Job, "Failed", **of_helm)
    refused = _build_workload(Deployment, "ReplicaFailure", **of_helm)
    found = list(list_failures([job, refused]))
    assert [each.what for each in found] == [
        "Job web failed: exceeded quota: small",
        "no pod of Deployment web is created: exceeded quota: small",
    ]
    message = str(build_error(found, ()))
    assert "kubectl delete job web" in message
    assert "Raise the ResourceQuota" in message


def test_a_failed_job_of_a_cronjob_and_a_complete_job_are_no_failures() -> None:
    complete = _build_workload(Job, "Complete", **{"meta.helm.sh/release-name": "254carbon"})
    assert not list(list_failures([_build_workload(Job, "Failed"), complete]))
