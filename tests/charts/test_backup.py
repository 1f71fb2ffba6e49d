"""Backups: Argo CD prunes none of them, and the drill tells the truth and leaves nothing behind."""

import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.charts.backups import Cluster
from tests.charts.cases import APIS, CHARTS, RENDERS

from carbon.charts.render import Object, Render, render_objects

CHART = next(chart for chart in CHARTS if chart.name == "backup")
INSTANCE = "app.kubernetes.io/instance"
TRACKING = "argocd.argoproj.io/tracking-id"
SCHEDULES = [
    pytest.param(thing, id=f"{render}-{thing['metadata']['name']}")
    for render in RENDERS
    for thing in render_objects(render)
    if thing["kind"] == "Schedule"
]


def backup_of(schedule: Object) -> Object:
    """The Backup that Velero 1.18 makes of a Schedule (FromSchedule in its backup_builder.go)."""
    spec, about = schedule["spec"], schedule["metadata"]
    own = spec["template"].get("metadata", {}).get("labels")
    labels = {**(own if own is not None else about.get("labels", {}))}
    made: dict[str, Any] = {
        "name": f"{about['name']}-20260101020000",
        "labels": labels | {"velero.io/schedule-name": about["name"]},
        "annotations": about.get("annotations", {}),
    }
    if spec.get("useOwnerReferencesInBackup"):
        made["ownerReferences"] = [{"kind": "Schedule", "name": about["name"]}]
    return {"kind": "Backup", "metadata": made}


def prunes(application: str, thing: Object) -> bool:
    """Whether Argo CD, by either method, takes what is not in git for the application's."""
    about = thing["metadata"]
    by_label = bool(about["labels"].get(INSTANCE) == application)
    names = f"{application}:velero.io/{thing['kind']}:"
    own = str(about["annotations"].get(TRACKING, ""))
    return by_label or (own.startswith(names) and own.endswith(f"/{about['name']}"))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_argo_cd_prunes_no_backup(schedule: Object) -> None:
    about = schedule["metadata"]
    # What Argo CD writes on a Schedule that it applies, by both of its methods of tracking.
    where = f"velero.io/Schedule:{about['namespace']}/{about['name']}"
    applied = {
        **schedule,
        "metadata": {
            **about,
            "labels": {**about["labels"], INSTANCE: "254carbon"},
            "annotations": {**about.get("annotations", {}), TRACKING: f"254carbon:{where}"},
        },
    }
    backup = backup_of(applied)
    assert not prunes("254carbon", backup)
    assert "ownerReferences" not in backup["metadata"], "they go with their Schedule"


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_velero_has_nothing_to_write_into_a_schedule(schedule: Object) -> None:
    """It writes false over true, which every sync would set again, and where it is absent."""
    assert schedule["spec"]["skipImmediately"] is False


def test_a_backup_with_the_labels_of_its_schedule_would_be_pruned() -> None:
    bare = {
        "metadata": {"name": "daily", "labels": {INSTANCE: "254carbon"}},
        "spec": {"template": {}},
    }
    assert prunes("254carbon", backup_of(bare))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cluster:
    """An API server with Velero behind it, which the drill talks to."""
    (tmp_path / "namespace").write_text("data-platform")
    cluster = Cluster()
    stand_in = ModuleType("apiserver")
    stand_in.__dict__.update(ACCOUNT=tmp_path, call=cluster.call, changes=cluster.changes)
    monkeypatch.setitem(sys.modules, "apiserver", stand_in)
    monkeypatch.setattr("time.sleep", cluster.passes)
    monkeypatch.setattr("time.time", lambda: cluster.now)
    return cluster


def drill(tmp_path: Path) -> str:
    """Run the drill as it is drawn; returns why it failed, or nothing."""
    drawn = next(
        thing["data"]
        for thing in render_objects(Render(CHART.folder, apis=APIS))
        if thing["kind"] == "ConfigMap" and "drill.py" in thing["data"]
    )
    settings, path = tmp_path / "settings.json", tmp_path / "drill.py"
    settings.write_text(drawn["settings.json"])
    path.write_text(drawn["drill.py"])
    spec = importlib.util.spec_from_file_location("drill", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(SystemExit) as end:
        module.main(str(settings))
    return str(end.value.code or "")


def metrics(cluster: Cluster) -> dict[str, float]:
    """What Prometheus would read of the drill, without the names' common beginning."""
    lines = cluster.result()["metrics"].splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {name.removeprefix("carbon_restore_drill_"): float(value) for name, value in pairs}


def test_a_good_drill_says_how_long_it_took_and_how_old_the_data_is(
    cluster: Cluster, tmp_path: Path
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    cluster.backup("data-platform-daily-1", old - timedelta(days=1))
    cluster.backup("data-platform-daily-2", old)
    cluster.backup("data-platform-daily-3", old + timedelta(hours=4), phase="PartiallyFailed")
    assert drill(tmp_path) == ""
    assert {r["spec"]["backupName"] for r in cluster.restores.values()} == {"data-platform-daily-2"}
    said = metrics(cluster)
    assert said["success"] == 1
    assert said["data_age_seconds"] == pytest.approx(5 * 3600, abs=60)
    assert said["success_timestamp_seconds"] == said["timestamp_seconds"]
    assert "duration_seconds" in said
    assert not cluster.left()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"phase": "PartiallyFailed"}, "ended as PartiallyFailed"),
        ({"phase": "Failed"}, "ended as Failed"),
        ({"hookStatus": {"hooksAttempted": 3, "hooksFailed": 1}}, "2 of 3 stores were compared"),
        ({"hookStatus": None}, "0 of 3 stores were compared"),
        ({"phase": "InProgress"}, "timed out"),
    ],
)
def test_a_drill_that_gets_not_everything_back_fails_and_leaves_nothing(
    cluster: Cluster, tmp_path: Path, fault: dict[str, Any], said: str
) -> None:
    cluster.backup("data-platform-daily-1", datetime.now(UTC))
    assert drill(tmp_path) == ""
    good = metrics(cluster)["success_timestamp_seconds"]
    cluster.fault = fault
    assert said in drill(tmp_path)
    after = metrics(cluster)
    assert after["success"] == 0
    assert after["success_timestamp_seconds"] == good, "the last good one is forgotten"
    assert "duration_seconds" not in after
    assert not cluster.left()


def test_nothing_is_restored_where_the_policy_does_not_stand(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.backup("data-platform-daily-1", datetime.now(UTC))
    cluster.policy["egress"] = [{}]
    assert "does not deny all traffic" in drill(tmp_path)
    cluster.policy = {}
    assert "does not deny all traffic" in drill(tmp_path)
    assert not cluster.restored


def test_without_a_completed_backup_the_drill_fails(cluster: Cluster, tmp_path: Path) -> None:
    cluster.backup("data-platform-daily-1", datetime.now(UTC), phase="Failed")
    cluster.backup("others-1", datetime.now(UTC), schedule="others")
    assert "has no completed backup (1 in other phases)" in drill(tmp_path)
    assert metrics(cluster)["success"] == 0


def test_what_an_earlier_drill_left_is_removed_first(cluster: Cluster, tmp_path: Path) -> None:
    cluster.backup("data-platform-daily-1", datetime.now(UTC))
    cluster.things["pods"] = 2
    cluster.restores["stuck"] = {"metadata": {"name": "stuck"}, "spec": {}, "status": {}}
    assert drill(tmp_path) == ""
    assert "stuck" not in cluster.restores


def test_a_namespace_that_can_not_be_emptied_is_told_of(cluster: Cluster, tmp_path: Path) -> None:
    cluster.backup("data-platform-daily-1", datetime.now(UTC))
    cluster.sticky = True
    assert "emptying the namespace restore-drill" in drill(tmp_path)
    assert metrics(cluster)["success"] == 0
