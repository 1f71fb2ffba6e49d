"""The local cluster with a release of three charts, as `tools/new-chart` creates them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.checkouts import copy_checkout, run_carbon, run_git
from tests.live.add_ons import add_operators
from tests.live.ops.alerts import speed_up_alerts, wait_until_quiet
from tests.live.ops.queries import read_phase, run_velero
from tests.live.support import Release

from carbon.cluster import access
from carbon.files import read_yaml
from carbon.platform.target import Target

NAMESPACE = "scaffolded"
VALUES = Path(__file__).parent / "platform.yaml"
CHARTS = {"price-alerts": "server", "price-store": "store", "price-report": "job"}
PUT = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), method="PUT")
print(urllib.request.urlopen(request).read().decode())
"""
BACKUP = f"{NAMESPACE}-first"
PRICE = "31.5 EUR"
"""The value of the key /ttf in the store when the backup begins."""


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Iterator[Target]:
    """The local cluster with Prometheus and Velero."""
    with add_operators("prometheus", "velero"):
        yield cluster


@pytest.fixture(scope="session")
def umbrella(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The umbrella in a copy of the checkout with a new chart of each kind."""
    copy = copy_checkout(tmp_path_factory.mktemp("copy"))
    for name, kind in CHARTS.items():
        done = run_carbon(copy, "new-chart", name, "--kind", kind, "--defaults")
        assert done.returncode == 0, done.stdout
        run_git(copy, "add", "--all")
        run_git(copy, "commit", "--quiet", "--message", name)
    return copy / "umbrella"


@pytest.fixture(scope="session")
def release(cluster: Target, umbrella: Path) -> Iterator[Release]:
    """A release of the three charts, the chart backup and the policies."""
    node = access.read_state()
    assert node
    values = read_yaml(VALUES)
    location = values["backup"]["locations"]["node"]
    location["config"]["s3Url"] = f"http://{node.addresses.node}:7070"
    with Release(NAMESPACE) as release:
        release.apply(str(umbrella), values, "--wait", "--timeout", "5m")
        yield release


@pytest.fixture(scope="session")
def backed_up(release: Release) -> None:
    """A backup of the namespace, with a price in the store."""
    put_value(release, "/ttf", PRICE)
    output = run_velero(
        "backup", "create", BACKUP, "--from-schedule", f"{NAMESPACE}-daily", "--wait"
    )
    assert read_phase(release, "backup", BACKUP) == "Completed", output


@pytest.fixture(scope="session")
def fast_alerts(release: Release, backed_up: None) -> Iterator[None]:
    """Alerts fire sooner."""
    with speed_up_alerts(release):
        yield


@pytest.fixture
def repairs(release: Release, fast_alerts: None) -> Iterator[list[Callable[[], object]]]:
    """Functions that undo a failure; the fixture calls them and waits until no alert is active."""
    repairs: list[Callable[[], object]] = []
    yield repairs
    for repair in repairs:
        repair()
    wait_until_quiet(release)


def build_path(service: str, port: int | str, path: str = "/") -> str:
    """Return the path at which the API server passes a request on to a Service."""
    return f"/api/v1/namespaces/{NAMESPACE}/services/http:{service}:{port}/proxy{path}"


def put_value(release: Release, key: str, value: str) -> None:
    """Store a value under a key of the store."""
    put = ("python3", "-c", PUT, f"http://price-store:8080{key}", value)
    assert release.kubectl("exec", "price-store-0", "--", *put).strip() == value


def get_value(release: Release, key: str) -> str:
    """Return the value of a key of the store."""
    return release.kubectl("get", "--raw", build_path("price-store", "http", key))
