"""The life of a release: install, test, upgrade, a refused upgrade, uninstall, install again."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.live.support import RELEASE, TRACKING, Release

from carbon.charts.discovery import UMBRELLA, read_chart
from carbon.charts.render import Render, run_template
from carbon.check.render.release_size import measure_release
from carbon.home import ROOT
from carbon.platform.target import Target


@pytest.fixture(params=[None, "by-hand"], ids=["without -n", "with -n"])
def release(request: pytest.FixtureRequest, cluster: Target) -> Iterator[Release]:
    """A namespace without a release; the end of the test deletes all objects."""
    release = Release(request.param)
    try:
        yield release
    finally:
        release.helm("helm", "uninstall", RELEASE, "--wait")
        release.kubectl("delete", "pvc,pod,secret,configmap", "--all", "--wait")
        release.delete_namespace()


def render_default() -> str:
    return run_template(Render(ROOT / UMBRELLA, namespace="by-hand")).text


def test_data_and_credentials_survive_upgrade_and_reinstallation(release: Release) -> None:
    """Helm 3 and Helm 4 take turns on the same release."""
    first, second = ("helm3", "helm") if release.namespace else ("helm", "helm3")
    values = () if release.namespace else TRACKING  # one of the two cases installs all charts
    release.install(first, *values)
    if release.namespace:
        measured = measure_release(read_chart(ROOT / UMBRELLA), render_default(), {})
        assert release.list_stored_sizes() == [pytest.approx(measured, rel=0.03)]
    release.run_tests(first)
    run = release.start_client("log_one.py").wait_for_output()

    before = release.list_restarts()
    again = release.helm(first, "upgrade", RELEASE, "umbrella/", "--wait", *values)
    assert again.returncode == 0, again.stderr
    after = release.list_restarts()
    message = "an upgrade without a change replaced or restarted pods"
    assert {k: after.get(k) for k in before} == before, message
    assert {k for k in after if k.startswith("Job")} == {k for k in before if k.startswith("Job")}

    refused = release.helm(first, "upgrade", RELEASE, "umbrella/", "--set", "mlflow.replica=3")
    assert refused.returncode != 0
    assert "replica" in refused.stderr
    history = json.loads(release.helm(first, "history", RELEASE, "-o", "json").stdout)
    assert [h["status"] for h in history] == ["superseded", "deployed"]

    namespace = release.namespace or "default"
    command = [
        sys.executable,
        "-m",
        "carbon",
        "diff",
        "live",
        "umbrella/",
        "--namespace",
        namespace,
    ]
    difference = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert difference.returncode == 0, difference.stdout + difference.stderr
    assert "nothing changes" in difference.stdout

    secrets = release.read_passwords()
    assert len(secrets) >= 4
    stored = release.read_stored_release()
    assert RELEASE in stored
    assert not [s for s in secrets if s in stored], "the stored release contains a password"

    release.uninstall(first)
    assert not release.get("deployments,statefulsets,jobs,services", "app=mlflow")
    assert {s["metadata"]["name"] for s in release.get("pvc")}, "uninstalling deleted the volumes"
    release.install(second, *values)
    assert release.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"
    assert release.read_passwords() == secrets, "the second installation changed the credentials"
