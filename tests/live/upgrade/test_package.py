"""A package of the umbrella: installed from a registry, then upgraded from a file."""

from pathlib import Path

import pytest
from tests.live.support import RELEASE, TRACKING, Release
from tests.registry.server import start_registry

from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.charts.render import Render, run_template
from carbon.check.render.release_size import measure_release
from carbon.home import ROOT
from carbon.platform.target import Target
from carbon.release.packages import build_package
from carbon.release.targets import Registry

WITHOUT = {"feast": {"enabled": False}, "ray-cluster": {"enabled": False}}
"""The values of TRACKING."""


def test_a_package_installs_from_a_registry_and_upgrades_from_a_file(
    cluster: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_REGISTRY_CONFIG", str(tmp_path / "logins.json"))
    chart = read_chart(ROOT / UMBRELLA)
    name, content = build_package(chart)
    package = tmp_path / name
    package.write_bytes(content)
    (tmp_path / "registry").mkdir()
    with start_registry(tmp_path / "registry") as server, Release("packaged") as release:
        server.log_in()
        Registry(server.url, server.options).add_packages([package])
        where = (f"{server.url}/254carbon", "--version", chart.meta["version"], *server.options)
        release.run_helm("helm", "install", RELEASE, *where, "--create-namespace", *TRACKING)
        release.run_tests()
        before = release.list_restarts()

        release.run_helm("helm", "upgrade", RELEASE, str(package), *TRACKING)
        after = release.list_restarts()
        assert {pod: after.get(pod) for pod in before} == before

        sets = tuple(f"{key}.enabled=false" for key in WITHOUT)
        printed = run_template(Render(chart.folder, sets=sets, namespace="packaged")).text
        measured = measure_release(chart, printed, WITHOUT)
        print(measured, release.list_stored_sizes())
        assert release.list_stored_sizes() == [pytest.approx(measured, rel=0.02)] * 2
