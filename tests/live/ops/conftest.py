"""The shared cluster with Velero, Prometheus and Jaeger on it, and the platform they look after."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.live.ops.watching import NAMESPACE, everything, feast, history, phase, velero
from tests.live.support import JSON, Release, wait

from carbon import images
from carbon.cluster import access, addons, lifecycle
from carbon.cluster.layout import layout
from carbon.demo.steps import open_demo
from carbon.errors import CarbonError
from carbon.platform.target import Target, get_target

VALUES = Path(__file__).parent / "platform.yaml"


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Iterator[Target]:
    """The local cluster with the add-ons, which go at the end if they were not there before."""
    images.load(images.archives(images.needed_by("ops")), access.run_ctr)
    before = addons.read_installed(layout())
    with ExitStack() as added:
        for name in ("jaeger", "prometheus", "velero"):
            if name not in before:
                added.callback(lifecycle.remove, name)
                lifecycle.add(name)
        yield cluster


@pytest.fixture(scope="session")
def release(cluster: Target) -> Iterator[Release]:
    """The quickstart with backups and monitoring."""
    node = access.read_state()
    assert node
    at = node.addresses.node
    sets = (
        f"backup.locations.node.config.s3Url=http://{at}:7070",
        f"global.services.jaeger.cidrs={{{at}/32}}",
    )
    with Release(NAMESPACE) as made:
        made.install("helm", "--values", str(VALUES), *(f"--set={each}" for each in sets))
        yield made


@pytest.fixture(scope="session")
def models(release: Release) -> list[str]:
    """The versions that were registered from features of the example; they serve."""
    with open_demo(get_target(None, NAMESPACE)) as steps:
        steps.write_data()
        steps.materialize()
        made = [steps.train(3).version, steps.train(30).version]
        steps.serve(**{f"v{version}": 50 for version in made})
        steps.count_versions()
        with pytest.raises(CarbonError):
            steps.predict("nowhere")
    with pytest.raises(CarbonError):
        feast(release, "get-online-features", {"features": ["no:where"], "entities": {"zone": []}})
    tick = {"hub": ["TTF"], "price": [31.0], "at": [datetime.now(tz=UTC).isoformat()]}
    feast(release, "push", {"push_source_name": "ticks_pushed", "df": tick, "to": "online"})
    return made


@pytest.fixture(scope="session")
def kept(release: Release, models: list[str]) -> JSON:
    """Everything that was there when the backup `first` was made."""
    release.client("log_one.py").result()
    there = everything(release)
    said = velero("backup", "create", "first", "--from-schedule", f"{NAMESPACE}-daily", "--wait")
    assert phase(release, "backup", "first") == "Completed", said
    return there


@pytest.fixture(scope="session")
def drill(release: Release, kept: JSON) -> JSON:
    """A drill on the backup `first`: its Job, which has ended, as Prometheus knows."""
    release.kubectl("create", "job", "drill-now", "--from=cronjob/backup-drill")

    def job() -> JSON:
        found: JSON = json.loads(release.kubectl("get", "job", "drill-now", "-o", "json"))
        return found

    def over() -> bool:
        return any(c["status"] == "True" for c in job()["status"].get("conditions", []))

    wait("the end of the drill", over, 900)
    wait("Prometheus to know of it", lambda: history(release, "carbon_restore_drill_success") != [])
    return job()
