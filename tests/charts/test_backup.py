"""The restore drill against a fake Velero."""

import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.charts.backups import FakeCluster
from tests.charts.cases import APIS, CHARTS
from tests.charts.processes import find_ports, install, is_open, load, start, wait_until

from carbon.charts.render import Render, render_objects

CHART = next(chart for chart in CHARTS if chart.name == "backup")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCluster:
    """The fake API server with Velero that the restore drill calls."""
    (tmp_path / "namespace").write_text("data-platform")
    cluster = FakeCluster()
    fake = {"ACCOUNT": tmp_path, "call": cluster.call, "changes": cluster.watch}
    install(monkeypatch, {"apiserver": fake})
    monkeypatch.setattr("time.sleep", cluster.sleep)
    monkeypatch.setattr("time.time", lambda: cluster.now)
    return cluster


def run_drill(tmp_path: Path) -> str:
    """Run the rendered restore drill; return its error message, empty on success."""
    files = next(
        obj["data"]
        for obj in render_objects(Render(CHART.folder, apis=APIS))
        if obj["kind"] == "ConfigMap" and "drill.py" in obj["data"]
    )
    settings, path = tmp_path / "settings.json", tmp_path / "drill.py"
    settings.write_text(files["settings.json"])
    path.write_text(files["drill.py"])
    module: Any = load(path)
    with pytest.raises(SystemExit) as end:
        module.main(str(settings))
    return str(end.value.code or "")


def read_metrics(cluster: FakeCluster) -> dict[str, float]:
    """Return metrics of the restore drill by name, without the prefix carbon_restore_drill_."""
    lines = cluster.read_result()["metrics"].splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {name.removeprefix("carbon_restore_drill_"): float(value) for name, value in pairs}


def test_a_successful_restore_drill_reports_its_duration_and_the_age_of_the_data(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    cluster.add_backup("data-platform-daily-1", old - timedelta(days=1))
    cluster.add_backup("data-platform-daily-2", old)
    cluster.add_backup("data-platform-daily-3", old + timedelta(hours=4), phase="PartiallyFailed")
    assert run_drill(tmp_path) == ""
    assert {r["spec"]["backupName"] for r in cluster.restores.values()} == {"data-platform-daily-2"}
    metrics = read_metrics(cluster)
    assert metrics["success"] == 1
    assert metrics["data_age_seconds"] == pytest.approx(5 * 3600, abs=60)
    assert metrics["success_timestamp_seconds"] == metrics["timestamp_seconds"]
    assert "duration_seconds" in metrics
    assert not cluster.count_objects()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"phase": "PartiallyFailed"}, "ended as PartiallyFailed"),
        ({"phase": "Failed"}, "ended as Failed"),
        ({"hookStatus": {"hooksAttempted": 3, "hooksFailed": 1}}, "2 of 3 stores were compared"),
        ({"hookStatus": None}, "0 of 3 stores were compared"),
        ({"phase": "InProgress"}, "timed out"),
    ],
)
def test_a_restore_drill_that_does_not_restore_everything_fails_and_leaves_no_objects(
    cluster: FakeCluster, tmp_path: Path, fault: dict[str, Any], message: str
) -> None:
    cluster.add_backup("data-platform-daily-1", datetime.now(UTC))
    assert run_drill(tmp_path) == ""
    last_success = read_metrics(cluster)["success_timestamp_seconds"]
    cluster.fault = fault
    assert message in run_drill(tmp_path)
    after = read_metrics(cluster)
    assert after["success"] == 0
    assert after["success_timestamp_seconds"] == last_success
    assert "duration_seconds" not in after
    assert not cluster.count_objects()


def test_the_restore_drill_restores_nothing_unless_a_policy_denies_all_traffic(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.add_backup("data-platform-daily-1", datetime.now(UTC))
    cluster.policy["egress"] = [{}]
    assert "does not deny all traffic" in run_drill(tmp_path)
    cluster.policy = {}
    assert "does not deny all traffic" in run_drill(tmp_path)
    assert not cluster.restored


def test_the_restore_drill_fails_without_a_completed_backup(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.add_backup("data-platform-daily-1", datetime.now(UTC), phase="Failed")
    cluster.add_backup("others-1", datetime.now(UTC), schedule="others")
    assert "has no completed backup (1 in other phases)" in run_drill(tmp_path)
    assert read_metrics(cluster)["success"] == 0


def test_the_restore_drill_first_deletes_what_an_earlier_drill_left(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.add_backup("data-platform-daily-1", datetime.now(UTC))
    cluster.counts["pods"] = 2
    cluster.restores["stuck"] = {"metadata": {"name": "stuck"}, "spec": {}, "status": {}}
    assert run_drill(tmp_path) == ""
    assert "stuck" not in cluster.restores


def test_the_restore_drill_fails_when_its_namespace_cannot_be_emptied(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.add_backup("data-platform-daily-1", datetime.now(UTC))
    cluster.undeletable = True
    assert "emptying the namespace restore-drill" in run_drill(tmp_path)
    assert read_metrics(cluster)["success"] == 0


def test_the_metrics_of_the_last_restore_drill_are_served(tmp_path: Path) -> None:
    file, script = tmp_path / "result/metrics", CHART.folder / "files/metrics.py"
    [port] = find_ports(0)
    command = [sys.executable, str(script), str(file), str(port)]

    def scrape() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return str(answer.read().decode())

    with start(command, {}, tmp_path / "log"):
        wait_until(lambda: is_open(port))
        assert scrape() == ""  # before the first restore drill
        file.parent.mkdir()
        for text in ("carbon_restore_drill_success 0\n", "carbon_restore_drill_success 1\n"):
            file.write_text(text)
            assert scrape() == text
    assert (tmp_path / "log").read_text() == ""  # a scrape logs nothing
