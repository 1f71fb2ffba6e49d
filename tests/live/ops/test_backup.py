"""The platform is backed up, a drill proves the backup, all of it is destroyed and restored."""

import re

from tests.live.ops.watching import NAMESPACE, everything, phase, velero
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.demo.steps import ZONES, Steps, open_demo
from carbon.platform.target import get_target

ONCE_MEASURED_S = 90
"""What a restore took the platform before, of which nobody knows what it held."""


def predicted(steps: Steps, version: str) -> dict[str, float]:
    """What a version of the model predicts from the newest features."""
    steps.serve(**{f"v{version}": 100})
    return {zone: steps.predict(zone)["price"] for zone in ZONES}


def test_the_drill_restores_and_compares_the_stores(release: Release, drill: JSON) -> None:
    log = release.kubectl("logs", "job/drill-now")
    assert drill["status"].get("succeeded"), log
    said = re.search(r"first was restored and compared in (\d+) s; its data is (\d+) s old", log)
    assert said, log
    print(f"restore drill: {said[1]} s (the platform once measured {ONCE_MEASURED_S} s)")
    left = release.kubectl("get", "pods,pvc,secrets", "-n", "watched-drill", "-o", "name")
    assert left == ""


def test_a_destroyed_namespace_comes_back_whole(
    release: Release, models: list[str], kept: JSON
) -> None:
    with open_demo(get_target(None, NAMESPACE)) as steps:
        before = predicted(steps, models[-1])
    assert len(kept["runs"]) >= 3
    assert any(run["artifacts"] for run in kept["runs"].values())
    assert {key.rpartition("/")[2] for key in kept["models"]} >= set(models)
    release.kubectl("delete", "namespace", NAMESPACE, "--wait")
    wait("the end of its volumes", lambda: volumes(release) == [], 180)

    only = ("--include-namespaces", NAMESPACE)
    said = velero("restore", "create", "again", "--from-backup", "first", *only, "--wait")
    assert phase(release, "restore", "again") == "Completed", said
    release.kubectl("wait", "--for=condition=Available", "deployments", "--all", "--timeout=5m")
    upgrade = ("upgrade", RELEASE, "umbrella/", "--reset-then-reuse-values", "--wait")
    upgraded = release.helm("helm", *upgrade)
    assert upgraded.returncode == 0, upgraded.stderr
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr

    back = everything(release)
    assert {**back, "runs": {k: v for k, v in back["runs"].items() if k in kept["runs"]}} == kept
    with open_demo(get_target(None, NAMESPACE)) as steps:
        assert predicted(steps, models[-1]) == before


def volumes(release: Release) -> list[str]:
    """The volumes whose claims were in the namespace."""
    claims = {v["metadata"]["name"]: v["spec"]["claimRef"] for v in release.get("pv")}
    return [name for name, claim in claims.items() if claim["namespace"] == NAMESPACE]
