"""The store of a new chart, without an edit: a backup, a restore drill and a restore."""

import pytest
from tests.live.ops.queries import read_phase, run_drill, run_velero
from tests.live.scaffold.conftest import BACKUP, NAMESPACE, PRICE, get_value, put_value
from tests.live.support import Release, wait

POD = "price-store-0"
RESTORE = f"{NAMESPACE}-again"


@pytest.mark.usefixtures("backed_up")
def test_a_backup_leaves_no_dump_on_the_volume(release: Release) -> None:
    files = release.kubectl("exec", POD, "--", "ls", "/data").split()
    assert ("store.db" in files, "backup" in files) == (True, False)


@pytest.mark.usefixtures("backed_up")
def test_the_restore_drill_restores_and_compares_it(release: Release) -> None:
    job = run_drill(release)
    log = release.kubectl("logs", "job/drill-now")
    assert job["status"].get("succeeded"), log
    assert f"{BACKUP} was restored and compared in " in log
    remaining = release.kubectl("get", "pods,pvc,secrets", "-n", f"{NAMESPACE}-drill", "-o", "name")
    assert remaining == ""


@pytest.mark.usefixtures("backed_up")
def test_a_deleted_store_is_restored_with_the_values_of_the_backup(release: Release) -> None:
    put_value(release, "/ttf", "changed after the backup")
    release.kubectl("delete", "statefulset/price-store", f"pod/{POD}", "--ignore-not-found")
    release.kubectl("delete", f"pvc/data-{POD}", "--wait")
    wait("the deletion of its volume", lambda: list_volumes(release) == [], 180)

    kinds = "pods,persistentvolumeclaims,persistentvolumes,statefulsets.apps"
    only = ("--selector", "app=price-store", "--include-resources", kinds)
    output = run_velero("restore", "create", RESTORE, "--from-backup", BACKUP, *only, "--wait")
    assert read_phase(release, "restore", RESTORE) == "Completed", output
    release.kubectl("wait", "--for=condition=Ready", f"pod/{POD}", "--timeout=3m")
    assert f"replaced by the dump in the Restore {RESTORE}" in release.kubectl("logs", POD)
    assert get_value(release, "/ttf") == PRICE

    put_value(release, "/ttf", "changed after the restore")
    release.kubectl("delete", "pod", POD, "--wait")
    release.kubectl("rollout", "status", "statefulset/price-store", "--timeout=3m")
    assert get_value(release, "/ttf") == "changed after the restore"


def list_volumes(release: Release) -> list[str]:
    """Return the PersistentVolumes of claims in the namespace."""
    claims = {v["metadata"]["name"]: v["spec"]["claimRef"] for v in release.get("pv")}
    return [name for name, claim in claims.items() if claim["namespace"] == NAMESPACE]
