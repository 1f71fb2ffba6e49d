"""The local cluster with Velero, Prometheus and Jaeger, and a release that uses them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.live.add_ons import add_operators
from tests.live.ops.queries import (
    NAMESPACE,
    call_feast,
    collect_data,
    query_history,
    read_phase,
    run_drill,
    run_velero,
)
from tests.live.support import JSON, Release, wait

from carbon.cluster import access
from carbon.demo.steps import open_demo
from carbon.errors import CarbonError
from carbon.platform.target import Target, get_target

VALUES = Path(__file__).parent / "platform.yaml"


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Iterator[Target]:
    """The local cluster with the add-ons; removed at the end unless they were installed before."""
    with add_operators("jaeger", "prometheus", "velero"):
        yield cluster


@pytest.fixture(scope="session")
def release(cluster: Target) -> Iterator[Release]:
    """The quickstart with backups and monitoring."""
    node = access.read_state()
    assert node
    address = node.addresses.node
    sets = (
        f"backup.locations.node.config.s3Url=http://{address}:7070",
        f"global.services.jaeger.cidrs={{{address}/32}}",
    )
    with Release(NAMESPACE) as release:
        release.install("helm", "--values", str(VALUES), *(f"--set={each}" for each in sets))
        yield release


@pytest.fixture(scope="session")
def models(release: Release) -> list[str]:
    """The registered versions of the example's model, which Ray Serve serves."""
    with open_demo(get_target(None, NAMESPACE)) as steps:
        steps.write_data()
        steps.materialize()
        versions = [steps.train(3).version, steps.train(30).version]
        steps.serve(**{f"v{version}": 50 for version in versions})
        steps.count_versions()
        with pytest.raises(CarbonError):
            steps.predict("nowhere")
    with pytest.raises(CarbonError):
        call_feast(
            release, "get-online-features", {"features": ["no:where"], "entities": {"zone": []}}
        )
    tick = {"hub": ["TTF"], "price": [31.0], "at": [datetime.now(tz=UTC).isoformat()]}
    call_feast(release, "push", {"push_source_name": "ticks_pushed", "df": tick, "to": "online"})
    return versions


@pytest.fixture(scope="session")
def backed_up(release: Release, models: list[str]) -> JSON:
    """The data of the platform at the time of the backup `first`."""
    release.start_client("log_one.py").wait_for_output()
    data = collect_data(release)
    output = run_velero(
        "backup", "create", "first", "--from-schedule", f"{NAMESPACE}-daily", "--wait"
    )
    assert read_phase(release, "backup", "first") == "Completed", output
    return data


@pytest.fixture(scope="session")
def drill(release: Release, backed_up: JSON) -> JSON:
    """The Job of a restore drill of the backup `first`, after Prometheus has scraped its result."""
    job = run_drill(release)

    def is_scraped() -> bool:
        return query_history(release, "carbon_restore_drill_success") != []

    wait("Prometheus to scrape the result", is_scraped)
    return job
