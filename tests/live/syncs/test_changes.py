"""Commits to the charts, and changes by others, under Argo CD: what changes and what stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.argocd import ArgoCd, describe, list_unsynced
from tests.live.charts_repository import REFUSED, ChartsRepository
from tests.live.support import wait
from tests.live.syncs.conftest import create_namespaces, write_values

from carbon.charts.render import Object
from carbon.gitops.plan import build_plan
from carbon.gitops.projects import PLATFORM, build_projects

NAMESPACE = "data-platform"
VALUES = "umbrella/values.yaml"
EXTRA = "umbrella/templates/extra.yaml"


@pytest.fixture(scope="module")
def installed(running: ArgoCd, shared: ChartsRepository) -> Iterator[ArgoCd]:
    """Argo CD with the quickstart."""
    plan = build_plan(shared.source)
    create_namespaces(running, plan.objects, plan.namespace)
    running.install(plan)
    running.wait_for_sync(shared.first)
    yield running
    running.delete(running.read())


@pytest.fixture
def quickstart(installed: ArgoCd, shared: ChartsRepository) -> Iterator[ArgoCd]:
    """The quickstart from the first commit; after a test, the first commit is synced again."""
    yield installed
    revision = shared.restore()
    installed.refresh()
    installed.wait_for_sync(revision)


def get(argo: ArgoCd, kind: str, name: str) -> Object:
    """Return an object of the quickstart."""
    found = argo.kubectl("get", kind, name, "-n", NAMESPACE, "-o", "json")
    return dict(json.loads(found))


def get_container(argo: ArgoCd) -> Object:
    """Return the container of MLflow's server."""
    spec = get(argo, "deployment", "mlflow")["spec"]["template"]["spec"]
    return dict(spec["containers"][0])


def write_container(argo: ArgoCd, container: Object) -> None:
    """Replace the container of MLflow's server as another user does."""
    template = {"spec": {"containers": [container]}}
    patch(argo, "deployment", "mlflow", {"spec": {"template": template}})


def list_names(argo: ArgoCd, kind: str) -> set[str]:
    """Return the names of the objects of a kind in the namespace."""
    text = argo.kubectl("get", kind, "-n", NAMESPACE, "-o", "name")
    return {line.partition("/")[2] for line in text.splitlines()}


def sync(argo: ArgoCd, revision: str) -> None:
    """Let Argo CD notice a commit, and wait until it is synced."""
    argo.refresh(kind="normal")
    argo.wait_for_sync(revision)


def permit(argo: ArgoCd, charts: ChartsRepository, values: dict[str, Any], folder: Path) -> None:
    """Apply the AppProjects that values need, as docs/gitops states."""
    file = write_values(folder, values)
    argo.apply(build_projects(build_plan(charts.source, values=[file])))


def patch(argo: ArgoCd, kind: str, name: str, changes: dict[str, Any], *options: str) -> None:
    """Change an object as another user does."""
    where = ("-n", NAMESPACE, "--type=merge", "--field-manager=hand")
    argo.kubectl("patch", kind, name, *where, "--patch", json.dumps(changes), *options)


@REFUSED
def test_values_that_a_chart_refuses_change_nothing_and_the_application_has_the_message(
    quickstart: ArgoCd, shared: ChartsRepository, change: dict[str, Any], message: str
) -> None:
    before = quickstart.list_versions()
    shared.change(VALUES, change)
    status = quickstart.refresh(kind="normal")["status"]
    assert status["sync"]["status"] == "Unknown"
    assert message in describe(status)
    assert quickstart.list_versions() == before
    sync(quickstart, shared.restore())
    assert quickstart.list_versions() == before


def test_a_changed_job_is_replaced_and_other_jobs_stay(
    quickstart: ArgoCd, shared: ChartsRepository
) -> None:
    before, versions = list_names(quickstart, "jobs"), quickstart.list_versions()
    migration = {each for each in before if each.startswith("mlflow-migration")}
    assert len(migration) == 1
    sync(quickstart, shared.change(VALUES, {"mlflow": {"image": {"tag": "v3.17.3-full"}}}))
    wait("the pruned Job", lambda: not migration & list_names(quickstart, "jobs"))
    after = list_names(quickstart, "jobs")
    assert before - after == migration
    assert len(after) == len(before)
    kept = {
        uid for uid, version in quickstart.list_versions().items() if versions.get(uid) == version
    }
    assert len(kept) > len(versions) / 2


def test_an_edited_image_and_policy_are_repaired(quickstart: ArgoCd) -> None:
    deployment, policy = (
        get(quickstart, "deployment", "mlflow"),
        get(quickstart, "netpol", "mlflow"),
    )
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    write_container(quickstart, container | {"image": "edited"})
    patch(quickstart, "netpol", "mlflow", {"spec": {"ingress": [{}]}})

    def is_repaired() -> bool:
        same: bool = get(quickstart, "netpol", "mlflow")["spec"] == policy["spec"]
        return same and get_container(quickstart) == container

    wait("the repair", is_repaired)
    wait("the status", lambda: not list_unsynced(quickstart.read()["status"]))


def test_an_edited_port_is_not_repaired_and_the_application_states_the_deployment(
    quickstart: ArgoCd,
) -> None:
    """Server-side apply would add the port of Git beside the edited one, with the same name."""
    container = get_container(quickstart)
    edited = container | {"ports": [container["ports"][0] | {"containerPort": 5001}]}
    write_container(quickstart, edited)

    def is_reported() -> bool:
        return 'Deployment.apps "mlflow" is invalid' in describe(quickstart.read()["status"])

    wait("the message", is_reported)
    assert quickstart.read()["status"]["sync"]["status"] == "Unknown"
    assert get_container(quickstart) == edited
    write_container(quickstart, container)
    status = quickstart.refresh()["status"]
    assert list_unsynced(status) == []
    assert status["sync"]["status"] == "Synced"


def test_a_deleted_object_is_created_again(quickstart: ArgoCd) -> None:
    quickstart.kubectl("delete", "service", "mlflow", "-n", NAMESPACE)
    wait("the Service", lambda: "mlflow" in list_names(quickstart, "services"))


def test_an_object_that_the_project_does_not_permit_is_refused(
    quickstart: ArgoCd, shared: ChartsRepository
) -> None:
    before = quickstart.list_versions()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "extra"}}
    (shared.path / EXTRA).write_text(yaml.safe_dump(secret), "utf-8")
    shared.commit("a Secret")
    quickstart.refresh(kind="normal")

    def is_refused() -> bool:
        text = describe(quickstart.read()["status"])
        return f"Secret is not permitted in project {PLATFORM}" in text

    wait("the refusal", is_refused)
    assert "extra" not in list_names(quickstart, "secrets")
    assert quickstart.list_versions() == before


def test_objects_of_others_in_the_namespace_are_not_pruned(quickstart: ArgoCd) -> None:
    """Those that the platform itself creates have labels of the release, but no tracking id."""
    labels = get(quickstart, "service", "mlflow")["metadata"]["labels"]
    own = [
        {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "of-a-job", "namespace": NAMESPACE, "labels": labels},
        }
        for kind in ("Secret", "ConfigMap")
    ]
    quickstart.apply(own)
    assert list_unsynced(quickstart.refresh()["status"]) == []
    assert "of-a-job" in list_names(quickstart, "secrets") & list_names(quickstart, "configmaps")


def test_the_replicas_of_a_deployment_with_a_horizontal_autoscaler_stay(
    quickstart: ArgoCd, shared: ChartsRepository, tmp_path: Path
) -> None:
    scaled = {"feast": {"autoscaling": {"enabled": True, "minReplicas": 1, "maxReplicas": 4}}}
    permit(quickstart, shared, scaled, tmp_path)
    sync(quickstart, shared.change(VALUES, scaled))
    patch(
        quickstart, "deployment", "feast-server", {"spec": {"replicas": 3}}, "--subresource=scale"
    )
    assert list_unsynced(quickstart.refresh()["status"]) == []
    sync(quickstart, shared.change(VALUES, {"feast": {"podAnnotations": {"a": "b"}}}))
    assert get(quickstart, "deployment", "feast-server")["spec"]["replicas"] == 3


def test_objects_of_a_kind_without_rights_are_not_pruned(
    quickstart: ArgoCd, shared: ChartsRepository, tmp_path: Path
) -> None:
    """So docs/gitops states when to apply the AppProjects."""
    scaled = {"feast": {"autoscaling": {"enabled": True}}}
    permit(quickstart, shared, scaled, tmp_path)
    sync(quickstart, shared.change(VALUES, scaled))
    permit(quickstart, shared, {}, tmp_path)
    sync(quickstart, shared.restore())
    quickstart.refresh()
    assert list_names(quickstart, "hpa") == {"feast-server"}
    permit(quickstart, shared, scaled, tmp_path)
    quickstart.refresh()
    wait("the pruned object", lambda: not list_names(quickstart, "hpa"))


def test_a_volume_that_the_values_no_longer_contain_is_kept(
    quickstart: ArgoCd, shared: ChartsRepository, tmp_path: Path
) -> None:
    with_volume = {"mlflow": {"replicas": 1, "artifacts": {"store": "file"}}}
    permit(quickstart, shared, with_volume, tmp_path)
    sync(quickstart, shared.change(VALUES, with_volume))
    [claim] = list_names(quickstart, "pvc")
    sync(quickstart, shared.restore())
    assert list_names(quickstart, "pvc") == {claim}
    assert quickstart.refresh()["status"]["sync"]["status"] == "Synced"
