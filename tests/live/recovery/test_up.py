"""`carbon up` on a cluster that a user or a killed Helm left in an unusual state.

A release of Redis only keeps the tests short.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.live.support import RELEASE, Release, wait

from carbon import externals
from carbon.cluster.layout import layout
from carbon.errors import CarbonError
from carbon.platform import release as platform
from carbon.platform.history import read_history
from carbon.platform.target import Target

NAMESPACE = "up"
VALUES: dict[str, Any] = {
    "feast": {"enabled": False},
    "mlflow": {"enabled": False},
    "ray-cluster": {"enabled": False},
    "data-services": {"postgresql": {"enabled": False}, "s3": {"enabled": False}},
}
REDIS = 'REDISCLI_AUTH=$1; export REDISCLI_AUTH; shift; exec redis-cli -h redis "$@"'


@pytest.fixture(scope="module")
def target(cluster: Target) -> Iterator[Target]:
    with Release(NAMESPACE) as release:
        target = replace(cluster, namespace=NAMESPACE)
        platform.install(target, VALUES)
        yield target
        release.kubectl("delete", "pvc", "--all", "--wait=false")


@pytest.fixture
def release() -> Release:
    return Release(NAMESPACE)


def _redis(release: Release, *args: str) -> str:
    password = release.read_key("redis-credentials", "password")
    command = ("exec", "redis-0", "-c", "redis", "--", "bash", "-c", REDIS, "-", password)
    return release.kubectl(*command, *args).strip()


def _break_image(folder: Path) -> Path:
    """Write a values file with an image that does not exist, so that Helm waits."""
    image = {"repository": "redis", "tag": "none"}
    values = VALUES | {"data-services": VALUES["data-services"] | {"redis": {"image": image}}}
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


def test_the_next_install_deploys_a_release_that_a_killed_helm_left_pending(
    target: Target, release: Release, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    helm = subprocess.Popen(
        [
            *(externals.ensure_program("helm"), "upgrade", RELEASE, platform.UMBRELLA, "--wait"),
            *("--namespace", NAMESPACE, "--kubeconfig", layout().kubeconfig),
            *("--values", _break_image(tmp_path)),
        ]
    )
    wait("the pending upgrade", lambda: read_history(target)[-1].status.startswith("pend"))
    helm.kill()
    helm.wait()
    platform.install(target, VALUES)
    assert "an earlier command was killed; revision 2 is pending-upgrade" in capfd.readouterr().err
    assert read_history(target)[-1].status == "deployed"
    assert _redis(release, "ping") == "PONG"


def test_workloads_that_only_a_failed_revision_created_hold_up_no_later_install(
    target: Target, release: Release
) -> None:
    image = {"repository": "chrislusf/seaweedfs", "tag": "4.48_none"}
    services = VALUES["data-services"] | {"s3": {"enabled": True, "image": image}}
    with pytest.raises(CarbonError, match=r"image \S+seaweedfs:4.48_none can't be pulled"):
        platform.install(target, VALUES | {"data-services": services})
    assert "s3" in {each["metadata"]["name"] for each in release.get("statefulsets")}
    platform.install(target, VALUES)
    assert {each["metadata"]["name"] for each in release.get("statefulsets")} == {"redis"}


def test_a_lost_secret_is_recreated_and_the_data_stay(target: Target, release: Release) -> None:
    assert _redis(release, "set", "kept", "yes") == "OK"
    before = release.read_key("redis-credentials", "password")
    release.kubectl("delete", "secret", "redis-credentials")
    platform.install(target, VALUES)
    assert release.read_key("redis-credentials", "password") != before
    assert _redis(release, "get", "kept") == "yes"


def test_on_a_shared_cluster_a_lost_secret_is_reported_and_not_recreated(
    target: Target, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(layout().kubeconfig))
    context = release.kubectl("config", "current-context").strip()
    secret = release.kubectl("get", "secret", "redis-credentials", "-o", "yaml")
    release.kubectl("delete", "secret", "redis-credentials")
    with pytest.raises(CarbonError, match="were deleted: redis-credentials") as refused:
        platform.install(Target(None, context, NAMESPACE), VALUES)
    assert "rotate-credentials.md" in refused.value.remedy
    release.kubectl("apply", "-f", "-", stdin=secret)


def test_the_wait_ends_with_an_error_if_nothing_creates_a_missing_secret(
    target: Target, release: Release
) -> None:
    own = {"redis": {"existingSecret": {"name": "own-secret"}}}
    stores = {**VALUES["data-services"], "credentials": {"enabled": False}}
    start = time.monotonic()
    with pytest.raises(CarbonError) as ended:
        platform.install(target, VALUES | {"global": own, "data-services": stores})
    assert time.monotonic() - start < 120
    assert "Secret own-secret does not exist (needed by redis-0)" in ended.value.what
    assert "Create the Secret" in ended.value.remedy
    platform.install(target, VALUES)
    assert _redis(release, "get", "kept") == "yes"


def _start_up(target: Target, release: Release, folder: Path) -> "subprocess.Popen[str]":
    """Run `carbon up` with an image that does not exist until Helm has stored the revision."""
    context = release.kubectl("config", "current-context").strip()
    process = subprocess.Popen(
        [
            *("env", "--default-signal=INT", sys.executable, "-m", "carbon", "up"),
            *("--context", context, "--namespace", NAMESPACE),
            *("--values", str(_break_image(folder))),
        ],
        env=os.environ | {"KUBECONFIG": str(layout().kubeconfig)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait("the pending upgrade", lambda: read_history(target)[-1].status.startswith("pend"))
    return process


def _is_running(process: "subprocess.Popen[str]") -> bool:
    """Return whether the process or a process that it started runs."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_helm_ends_with_a_killed_command_and_the_next_install_succeeds(
    target: Target, release: Release, tmp_path: Path
) -> None:
    process = _start_up(target, release, tmp_path)
    process.kill()
    process.wait()
    wait("the end of Helm", lambda: not _is_running(process), 10)
    platform.install(target, VALUES)
    assert read_history(target)[-1].status == "deployed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_install_is_reported_once_and_the_next_install_succeeds(
    target: Target, release: Release, tmp_path: Path, number: signal.Signals
) -> None:
    process = _start_up(target, release, tmp_path)
    process.send_signal(number)
    _, output = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert re.search(rf"✗ interrupted by .*during: install {RELEASE} in {NAMESPACE}", output)
    assert output.count("✗") == 1, output
    assert not _is_running(process)
    assert read_history(target)[-1].status == "failed"
    platform.install(target, VALUES)
