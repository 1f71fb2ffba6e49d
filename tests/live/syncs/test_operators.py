"""What operators write, and what becomes of objects whose values or rights go away."""

import json
from collections.abc import Iterator

import pytest
import yaml
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.syncs.conftest import create_namespaces

from carbon.charts.render import Object
from carbon.gitops.plan import Plan, build_plan

VALUES = "values/production.yaml"


@pytest.fixture(scope="module")
def plan(shared: ChartsRepository) -> Plan:
    """The profile production."""
    return build_plan(shared.source, "production")


@pytest.fixture(scope="module")
def installed(running: ArgoCd, shared: ChartsRepository, plan: Plan) -> Iterator[ArgoCd]:
    """Argo CD with the profile production."""
    create_namespaces(running, plan.objects, plan.namespace)
    running.install(plan)
    running.wait_for_sync(shared.first)
    yield running
    running.delete(running.read())


@pytest.fixture
def production(installed: ArgoCd, shared: ChartsRepository, plan: Plan) -> Iterator[ArgoCd]:
    """The profile from the first commit; after a test, the first commit is synced again."""
    yield installed
    revision = shared.restore()
    installed.install(plan)
    installed.refresh()
    installed.wait_for_sync(revision)


def find(plan: Plan, kind: str) -> Object:
    """Return the first object of a kind."""
    return next(each for each in plan.objects if each["kind"] == kind)


def get(argo: ArgoCd, obj: Object) -> Object:
    """Return an object as it is stored."""
    meta = obj["metadata"]
    where = ("-n", meta["namespace"], "-o", "json")
    return dict(json.loads(argo.kubectl("get", obj["kind"], meta["name"], *where)))


def write_replicas(argo: ArgoCd, cluster: Object, replicas: int) -> None:
    """Change the replicas of the worker groups as Ray's autoscaler does."""
    groups = get(argo, cluster)["spec"]["workerGroupSpecs"]
    changes = [
        {"op": "replace", "path": f"/spec/workerGroupSpecs/{i}/replicas", "value": replicas}
        for i in range(len(groups))
    ]
    meta = cluster["metadata"]
    where = ("-n", meta["namespace"], "--type=json", "--field-manager=autoscaler")
    argo.kubectl("patch", "raycluster", meta["name"], *where, "--patch", json.dumps(changes))


def test_the_replicas_that_the_autoscaler_wrote_stay_even_if_the_raycluster_is_synced(
    production: ArgoCd, shared: ChartsRepository, plan: Plan
) -> None:
    cluster = find(plan, "RayCluster")
    write_replicas(production, cluster, 3)
    assert list_unsynced(production.refresh()["status"]) == []
    revision = shared.change(VALUES, {"ray-cluster": {"head": {"sharedMemory": "333Mi"}}})
    production.refresh(kind="normal")
    production.wait_for_sync(revision)
    stored = get(production, cluster)["spec"]
    assert "333Mi" in json.dumps(stored["headGroupSpec"])
    assert {group["replicas"] for group in stored["workerGroupSpecs"]} == {3}
    assert list_unsynced(production.refresh()["status"]) == []


def test_backups_are_neither_pruned_nor_a_difference(production: ArgoCd, plan: Plan) -> None:
    schedule = get(production, find(plan, "Schedule"))
    meta = schedule["metadata"]
    backup = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        # Velero copies the annotations of a Schedule, and the labels of its template.
        "metadata": {
            "name": f"{meta['name']}-20260101000000",
            "namespace": meta["namespace"],
            "annotations": meta["annotations"],
            "labels": schedule["spec"]["template"]["metadata"]["labels"],
        },
        "spec": {},
    }
    production.apply([backup])
    status = production.refresh()["status"]
    assert list_unsynced(status) == []
    assert get(production, backup)
    production.kubectl("delete", "-f", "-", stdin=yaml.safe_dump(backup))
