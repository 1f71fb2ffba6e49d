"""`carbon diff` reads the releases that Helm 3 and Helm 4 store in a real API server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.apiserver import start_api_server
from tests.live.verdicts.conftest import WITHOUT_CONTROLLERS
from tests.live.verdicts.helm_update import write_kubeconfig

from carbon import externals
from carbon.home import ROOT
from carbon.platform.target import RELEASE
from carbon.release.index import FOLDER

VALUES = '{"feast": {"enabled": false}, "mlflow": {"replicas": 2}}'


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A kubeconfig for an API server without controllers."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder, WITHOUT_CONTROLLERS) as api:
        yield write_kubeconfig(api, folder)


def run(kubeconfig: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "KUBECONFIG": str(kubeconfig)},
        input=VALUES,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", ["helm3", "helm"])
def test_an_installed_release_is_compared_with_its_own_values(
    kubeconfig: Path, program: str
) -> None:
    where = ("--namespace", f"by-{program}")
    helm = str(externals.ensure_program(program))
    package = str(FOLDER / "254carbon-0.1.0.tgz")
    done = run(
        kubeconfig, helm, "install", RELEASE, package, *where, "--create-namespace", "-f", "-"
    )
    assert done.returncode == 0, done.stderr
    diff = (sys.executable, "-m", "carbon", "diff", "live")
    flags = ("--context", "api", *where, "--output", "json")
    same = run(kubeconfig, *diff, "0.1.0", *flags)
    assert same.returncode == 0, same.stdout + same.stderr
    assert json.loads(same.stdout)["verdict"] == "none"
    upgrade = run(kubeconfig, *diff, *flags)
    assert upgrade.returncode == 4, upgrade.stdout + upgrade.stderr
    report = json.loads(upgrade.stdout)
    restarted = {each["object"] for each in report["restarts"]}
    assert {"StatefulSet/redis", "Deployment/mlflow"} <= restarted
    assert not any("feast" in each["object"] for each in report["deletions"])
    assert "--reset-then-reuse-values" in report["command"]
    assert ("--force-conflicts" in report["command"]) is (program == "helm")
    missing = run(kubeconfig, *diff[:-1], "live/other", *flags)
    assert missing.returncode == 2
    assert f"releases: {RELEASE}" in missing.stderr
