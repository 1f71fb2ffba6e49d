"""The upgrade from the newest release with embedded stores, and the way back, under load.

Only the pods restart of which `carbon diff` states it. Requests fail only while a store's pod is
replaced.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.live.support import RELEASE, SELECTOR, Release
from tests.live.upgrade.data import Data
from tests.live.upgrade.load import read_history, under_load, upgrade

from carbon.home import ROOT
from carbon.platform.target import Target
from carbon.release.index import FOLDER, PLATFORM, read_index

NEWEST = read_index()[-1].version
PACKAGE = str(FOLDER / f"{PLATFORM}-{NEWEST}.tgz")
VALUES = ("--values", str(Path(__file__).parent / "first_release.yaml"))
ENDED = ("Succeeded", "Failed")


@pytest.fixture
def release(cluster: Target) -> Iterator[Release]:
    with Release("newest-release") as release:
        yield release


def list_pods(release: Release) -> Mapping[str, set[str]]:
    """Return the UIDs of the running pods of each Deployment and StatefulSet, as Kind/name."""
    found = defaultdict(set)
    for pod in release.get("pods", SELECTOR):
        meta = pod["metadata"]
        owner = next(iter(meta.get("ownerReferences", [])), {"kind": "", "name": ""})
        kind, name = owner["kind"], owner["name"]
        if kind == "ReplicaSet":
            kind, name = "Deployment", name.rpartition("-")[0]
        is_running = pod["status"]["phase"] not in ENDED and "deletionTimestamp" not in meta
        if is_running and kind in ("Deployment", "StatefulSet"):
            found[f"{kind}/{name}"].add(meta["uid"])
    return found


def list_expected(release: Release, version: str = "") -> set[str]:
    """Return the workloads of which `carbon diff live` states that their pods restart."""
    words = [sys.executable, "-m", "carbon", "diff", "live", *([version] if version else [])]
    words += ["--namespace", str(release.namespace), "--output", "json"]
    done = subprocess.run(
        words, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return {each["object"] for each in json.loads(done.stdout)["restarts"]}


def check_upgrade(release: Release, what: str, version: str = "") -> None:
    """Upgrade under load; fail if other pods restart than expected, or if a write is lost."""
    expected, before = list_expected(release, version), list_pods(release)
    with under_load(release, what) as load:
        done = upgrade(release, *([version] if version else []), "--yes")
        assert done.returncode == 0, done.stdout
    after = list_pods(release)
    restarted = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    print(f"{what}: restarts {sorted(restarted)}")
    assert restarted == expected
    load.check_writes()
    load.check_failures_in_outages()


def test_only_the_stated_pods_restart_and_all_data_survive(release: Release) -> None:
    data = Data(release)
    words = (RELEASE, PACKAGE, "--create-namespace", *VALUES)
    release.run_helm("helm", "install", *words, timeout="8m")
    data.write("DE-LU")
    first = data.count()
    number = first["MLflow"]["experiments"]
    check_upgrade(release, f"upgrade from {NEWEST}")
    assert data.count(number) == first
    check_upgrade(release, f"way back to {NEWEST}", NEWEST)
    assert data.count(number) == first
    data.read_price("DE-LU")
    assert read_history(release)[-1]["status"] == "deployed"
