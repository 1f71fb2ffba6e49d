"""A release as a user handles it: installed by hand, upgraded, uninstalled, installed again."""

import json
from collections.abc import Iterator

import pytest
from tests.live.support import RELEASE, TRACKING, Release

from carbon.platform.target import Target


@pytest.fixture(params=[None, "by-hand"], ids=["without -n", "with -n"])
def release(request: pytest.FixtureRequest, cluster: Target) -> Iterator[Release]:
    """A namespace without a release; emptied of everything afterwards."""
    made = Release(request.param)
    try:
        yield made
    finally:
        made.helm("helm", "uninstall", RELEASE, "--wait")
        made.kubectl("delete", "pvc,pod,secret,configmap", "--all", "--wait")
        made.delete_namespace()


def test_the_whole_life_of_a_release(release: Release) -> None:
    """One helm installs, the other takes over; data outlive the release."""
    first, second = ("helm3", "helm") if release.namespace else ("helm", "helm3")
    values = () if release.namespace else TRACKING  # the whole of it once
    release.install(first, *values)
    tested = release.helm(first, "test", RELEASE, "--logs")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    run = release.client("log_one.py").result()

    lives = release.lives()
    again = release.helm(first, "upgrade", RELEASE, "umbrella/", "--wait", *values)
    assert again.returncode == 0, again.stderr
    after = release.lives()
    assert {k: after.get(k) for k in lives} == lives, "an upgrade without a change replaced these"
    assert {k for k in after if k.startswith("Job")} == {k for k in lives if k.startswith("Job")}

    refused = release.helm(first, "upgrade", RELEASE, "umbrella/", "--set", "mlflow.replica=3")
    assert refused.returncode != 0
    assert "replica" in refused.stderr
    history = json.loads(release.helm(first, "history", RELEASE, "-o", "json").stdout)
    assert [h["status"] for h in history] == ["superseded", "deployed"]

    secrets = release.secret_values()
    assert len(secrets) >= 4
    stored = release.stored()
    assert RELEASE in stored
    assert not [s for s in secrets if s in stored], "a secret's value is in the stored release"

    release.uninstall(first)
    assert not release.get("deployments,statefulsets,jobs,services", "app=mlflow")
    assert {s["metadata"]["name"] for s in release.get("pvc")}, "volumes went with the release"
    release.install(second, *values)
    assert release.client("read_one.py", RUN=run).result() == "42.0 kept"
    assert release.secret_values() == secrets, "credentials changed"
