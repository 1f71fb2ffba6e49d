"""`carbon upgrade` that a user interrupts, with an API server and without pods."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.apiserver import start_api_server
from tests.live.support import wait
from tests.live.verdicts.conftest import WITHOUT_CONTROLLERS
from tests.live.verdicts.installed import Cluster

CHARTS = ("mlflow", "feast", "ray-cluster", "mesh-policies")
REDIS = {
    **{name: {"enabled": False} for name in CHARTS},
    "data-services": {"postgresql": {"enabled": False}, "s3": {"enabled": False}},
}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with start_api_server(tmp_path, WITHOUT_CONTROLLERS) as api:
        yield Cluster(api, tmp_path)


@pytest.mark.parametrize("program", ["helm3", "helm"])
def test_an_interrupted_upgrade_ends_helm_and_is_not_in_the_way(
    cluster: Cluster, program: str
) -> None:
    cluster.install(program, REDIS)
    with cluster.start_upgrade() as upgrade:
        wait("the upgrade", lambda: cluster.read_history()[-1][0] == "pending-upgrade")
        upgrade.send_signal(signal.SIGINT)
        assert upgrade.wait(60) == 130
    assert cluster.read_history()[-1][0] == "failed"
    shown = cluster.upgrade("--dry-run", "--yes")
    assert shown.returncode == 0, shown.stdout
    assert "killed" not in shown.stdout
