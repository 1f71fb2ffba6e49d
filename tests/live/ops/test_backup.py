"""A backup of the platform: a restore drill, and a restore of a deleted namespace."""

import base64
import json
import re

from tests.live.ops.queries import NAMESPACE, collect_data, read_phase, run_velero
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.cluster.layout import layout
from carbon.demo.steps import ZONES, Steps, open_demo
from carbon.platform.target import get_target

EARLIER_RESTORE_S = 90
"""Duration of an earlier restore on the 254carbon cluster; its amount of data is unknown."""


def predict_all(steps: Steps, version: str) -> dict[str, float]:
    """Return the predictions of a version of the model for each zone, from the newest features."""
    steps.serve(**{f"v{version}": 100})
    return {zone: steps.predict(zone)["price"] for zone in ZONES}


def test_the_drill_restores_and_compares_the_stores(release: Release, drill: JSON) -> None:
    log = release.kubectl("logs", "job/drill-now")
    assert drill["status"].get("succeeded"), log
    result = re.search(r"first was restored and compared in (\d+) s; its data is (\d+) s old", log)
    assert result, log
    print(f"restore drill: {result[1]} s (an earlier restore: {EARLIER_RESTORE_S} s)")
    remaining = release.kubectl("get", "pods,pvc,secrets", "-n", "watched-drill", "-o", "name")
    assert remaining == ""


def test_velero_keeps_the_password_of_the_backup_repositories(
    release: Release, backed_up: JSON
) -> None:
    found = release.kubectl("get", "secret/velero-repo-credentials", "-n", "velero", "-o", "json")
    stored = base64.b64decode(json.loads(found)["data"]["repository-password"]).decode()
    assert stored == layout().read_secret()
    repositories = release.kubectl("get", "backuprepositories", "-n", "velero", "-o", "json")
    phases = [each["status"]["phase"] for each in json.loads(repositories)["items"]]
    print(f"backup repositories: {phases}")
    assert set(phases) == {"Ready"}


def test_a_restore_brings_back_all_data_of_a_deleted_namespace(
    release: Release, models: list[str], backed_up: JSON
) -> None:
    with open_demo(get_target(None, NAMESPACE)) as steps:
        before = predict_all(steps, models[-1])
    assert len(backed_up["runs"]) >= 3
    assert any(run["artifacts"] for run in backed_up["runs"].values())
    assert {key.rpartition("/")[2] for key in backed_up["models"]} >= set(models)
    release.kubectl("delete", "namespace", NAMESPACE, "--wait")
    wait("the deletion of its volumes", lambda: list_volumes(release) == [], 180)

    only = ("--include-namespaces", NAMESPACE)
    output = run_velero("restore", "create", "again", "--from-backup", "first", *only, "--wait")
    assert read_phase(release, "restore", "again") == "Completed", output
    release.kubectl("wait", "--for=condition=Available", "deployments", "--all", "--timeout=5m")
    upgrade = ("upgrade", RELEASE, "umbrella/", "--reset-then-reuse-values", "--wait")
    upgraded = release.helm("helm", *upgrade)
    assert upgraded.returncode == 0, upgraded.stderr
    release.run_tests()

    restored = collect_data(release)
    # `helm test` has logged further runs.
    runs = {k: v for k, v in restored["runs"].items() if k in backed_up["runs"]}
    assert {**restored, "runs": runs} == backed_up
    with open_demo(get_target(None, NAMESPACE)) as steps:
        assert predict_all(steps, models[-1]) == before


def list_volumes(release: Release) -> list[str]:
    """Return the PersistentVolumes of claims in the namespace."""
    claims = {v["metadata"]["name"]: v["spec"]["claimRef"] for v in release.get("pv")}
    return [name for name, claim in claims.items() if claim["namespace"] == NAMESPACE]
