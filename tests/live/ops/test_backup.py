"""The platform is backed up, a drill proves the backup, all of it is destroyed and restored."""

import json
import re

import pytest
from tests.live.ops.watching import NAMESPACE, phase, velero
from tests.live.support import JSON, RELEASE, Release, wait

from carbon.demo.steps import ZONES, Steps, started
from carbon.platform.target import local

FEATURES = ["load:load_gw", "load:load_mean_24h_gw", "prices:price_24h_ago"]
ONCE_MEASURED_S = 90
"""What a restore took the platform before, of which nobody knows what it held."""


@pytest.fixture(scope="module")
def models(release: Release) -> list[str]:
    """The versions that were registered from features of the example."""
    with started(local(NAMESPACE)) as steps:
        steps.data()
        steps.materialize()
        return [steps.train(3).version, steps.train(30).version]


@pytest.fixture(scope="module")
def kept(release: Release, models: list[str]) -> JSON:
    """Everything that was there when the backup `first` was made."""
    there = everything(release)
    said = velero("backup", "create", "first", "--from-schedule", f"{NAMESPACE}-daily", "--wait")
    assert phase(release, "backup", "first") == "Completed", said
    return there


def everything(release: Release) -> JSON:
    """What MLflow keeps, and the newest features."""
    found: JSON = json.loads(release.client("remember.py").result().splitlines()[-1])
    asked = json.dumps({"features": FEATURES, "entities": {"zone": list(ZONES)}})
    read = ("curl", "-s", "http://localhost:6566/get-online-features", "-d", asked)
    server = ("deployment/feast-server", "-c", "feast-server")
    said = json.loads(release.kubectl("exec", *server, "--", *read))
    return found | {"features": [result["values"] for result in said["results"]]}


def predicted(steps: Steps) -> dict[str, float]:
    """What the newest version predicts from the newest features."""
    steps.serve(v2=100)
    return {zone: steps.predict(zone)["price"] for zone in ZONES}


def drilled(release: Release, name: str) -> tuple[bool, str]:
    """Run the drill now: whether it was good, and its log."""
    release.kubectl("create", "job", name, "--from=cronjob/backup-drill")

    def over() -> bool:
        [job] = [j for j in release.get("jobs") if j["metadata"]["name"] == name]
        return any(c["status"] == "True" for c in job["status"].get("conditions", []))

    wait(f"the end of {name}", over, 900)
    [job] = [j for j in release.get("jobs") if j["metadata"]["name"] == name]
    return bool(job["status"].get("succeeded")), release.kubectl("logs", f"job/{name}")


def test_the_drill_restores_and_compares_the_stores(release: Release, kept: JSON) -> None:
    good, log = drilled(release, "drill-now")
    assert good, log
    said = re.search(r"first was restored and compared in (\d+) s; its data is (\d+) s old", log)
    assert said, log
    print(f"restore drill: {said[1]} s (the platform once measured {ONCE_MEASURED_S} s)")
    left = release.kubectl("get", "pods,pvc,secrets", "-n", "watched-drill", "-o", "name")
    assert left == ""


def test_a_destroyed_namespace_comes_back_whole(release: Release, kept: JSON) -> None:
    with started(local(NAMESPACE)) as steps:
        before = predicted(steps)
    assert len(kept["runs"]) >= 2
    assert len(kept["models"]) == 2
    release.kubectl("delete", "namespace", NAMESPACE, "--wait")
    wait("the end of its volumes", lambda: volumes(release) == [], 180)

    only = ("--include-namespaces", NAMESPACE)
    said = velero("restore", "create", "again", "--from-backup", "first", *only, "--wait")
    assert phase(release, "restore", "again") == "Completed", said
    release.kubectl("wait", "--for=condition=Available", "deployments", "--all", "--timeout=5m")
    upgraded = release.helm("helm", "upgrade", RELEASE, "umbrella/", "--reuse-values", "--wait")
    assert upgraded.returncode == 0, upgraded.stderr
    tested = release.helm("helm", "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr

    back = everything(release)
    assert {**back, "runs": {k: v for k, v in back["runs"].items() if k in kept["runs"]}} == kept
    with started(local(NAMESPACE)) as steps:
        assert predicted(steps) == before


def volumes(release: Release) -> list[str]:
    """The volumes whose claims were in the namespace."""
    claims = {v["metadata"]["name"]: v["spec"]["claimRef"] for v in release.get("pv")}
    return [name for name, claim in claims.items() if claim["namespace"] == NAMESPACE]
