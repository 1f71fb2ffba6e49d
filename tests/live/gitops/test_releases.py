"""Releases under Argo CD: a package from a registry, and an upgrade."""

import shutil
from pathlib import Path

import pytest
from tests.live.argocd import ArgoCd
from tests.live.charts_repository import COPIED, ChartsRepository
from tests.live.gitops.conftest import SMALL, Platform
from tests.live.support import SELECTOR
from tests.live.upgrade.data import Data
from tests.live.upgrade.load import under_load

from carbon import images
from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.cluster import access
from carbon.gitops.plan import Plan, build_plan
from carbon.gitops.projects import ARGOCD, PLATFORM
from carbon.gitops.source import Source
from carbon.home import ROOT
from carbon.release.index import read_index
from carbon.release.packages import build_package
from carbon.release.stored import unpack_release
from carbon.release.targets import Registry

FIRST = ROOT / "tests" / "live" / "upgrade" / "first_release.yaml"


def build(charts: ChartsRepository, namespace: str, *values: Path) -> Plan:
    """Return a plan whose source is the Git repository."""
    return build_plan(charts.source, values=values, namespace=namespace)


def test_a_package_from_a_registry_becomes_healthy(
    argo: ArgoCd, charts: ChartsRepository, tmp_path: Path
) -> None:
    state = access.read_state()
    assert state
    chart = read_chart(ROOT / UMBRELLA)
    name, content = build_package(chart)
    (tmp_path / name).write_bytes(content)
    url = f"oci://{state.addresses.node}:5000/charts"
    Registry(url, ("--plain-http",)).add_packages([tmp_path / name])
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    login = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "registry", "namespace": ARGOCD, "labels": labels},
        "stringData": {
            "type": "oci",
            "url": f"{url}/{PLATFORM}",
            "insecureOCIForceHttp": "true",
        },
    }
    argo.apply([login])
    source = Source(f"{url}/{PLATFORM}", chart.meta["version"])
    plan = build_plan(source, values=[SMALL], apps=charts.source, namespace="package")
    with Platform(argo, plan) as platform:
        argo.install(plan)
        argo.wait_for_health("sha256:")
        platform.start_client("log_one.py").wait_for_output()


@pytest.fixture
def history(tmp_path: Path) -> tuple[ChartsRepository, list[str]]:
    """A Git repository, and a commit of each stored release and of this checkout, oldest first."""
    charts = ChartsRepository(tmp_path)
    commits = [charts.first]
    for release in reversed(read_index()):
        for name in COPIED:
            shutil.rmtree(charts.path / name)
            shutil.copytree(unpack_release(release) / name, charts.path / name, symlinks=True)
        commits.insert(0, charts.commit(f"release {release.version}"))
    charts.first = commits[0]
    return charts, commits


def test_commits_upgrade_from_release_0_1_0_and_go_back_to_the_newest_release_under_load(
    argo: ArgoCd, history: tuple[ChartsRepository, list[str]]
) -> None:
    images.load_archives(images.ensure_archives(["redis"]), access.run_ctr)
    charts, commits = history
    plan = build(charts, "first-release", FIRST)
    with Platform(argo, plan) as platform:
        argo.install(plan)
        argo.wait_for_health(charts.first)
        data = Data(platform)
        data.write("DE-LU")
        jobs = {each["metadata"]["name"] for each in platform.get("jobs", SELECTOR)}
        for what, commit in (("upgrade", commits[-1]), ("way back", commits[-2])):
            charts.first = commit
            with under_load(platform, f"{what} by a commit") as load:
                platform.roll_out(charts.restore())
            load.check_writes()
            load.check_failures_in_outages()
            data.read_price("DE-LU")
        assert jobs - {each["metadata"]["name"] for each in platform.get("jobs", SELECTOR)}
