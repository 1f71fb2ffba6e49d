"""Releases of Helm with their real pods become Applications, and go back to Helm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.argocd import ArgoCd, list_unsynced
from tests.live.charts_repository import ChartsRepository
from tests.live.gitops.conftest import VALUES
from tests.live.support import SELECTOR, Release, is_ready
from tests.live.takeover import INSTALL, NAMESPACE, build_shell

from carbon.gitops.plan import build_plan
from carbon.gitops.projects import ARGOCD, PLATFORM

SERVERS = "app=mlflow,app.kubernetes.io/component=server"


@pytest.fixture
def release(argo: ArgoCd) -> Iterator[Release]:
    """A namespace; at the end, the Application is deleted before the release."""
    with Release(NAMESPACE) as release:
        yield release
        argo.kubectl("delete", "application", PLATFORM, "-n", ARGOCD, "--ignore-not-found")


def list_annotations(release: Release) -> set[str]:
    """Return the annotations `team` of MLflow's servers that are Ready."""
    metas = [pod["metadata"] for pod in release.get("pods", SERVERS) if is_ready(pod)]
    return {meta.get("annotations", {}).get("team", "") for meta in metas}


@pytest.mark.parametrize(("program", "ray"), [("helm3", False), ("helm", True)])
def test_a_release_is_taken_over_without_a_restart_and_given_back(
    argo: ArgoCd, release: Release, tmp_path: Path, program: str, ray: bool
) -> None:
    """The quickstart; with Helm 3 it has no Ray, so that the test takes less time."""
    charts = ChartsRepository(tmp_path)
    charts.first = charts.change(VALUES, {"ray-cluster": {"enabled": ray}})
    revision = charts.change(VALUES, {"mlflow": {"podAnnotations": {"team": "a"}}})
    shell = build_shell(program, argo, charts, tmp_path)
    shell.run(f"{INSTALL} --wait --timeout 5m")
    release.kubectl("wait", "--for=condition=Complete", "jobs", "-l", SELECTOR, "--timeout=5m")
    run = release.start_client("log_one.py").wait_for_output()
    before = release.list_restarts()
    shell.hand_over()
    argo.install(build_plan(charts.source))
    argo.wait_for_health(revision)
    assert list_unsynced(argo.refresh()["status"]) == []
    assert release.list_restarts() == before
    shell.delete_records()

    revision = charts.restore()
    assert list_annotations(release) == {"a"}
    argo.refresh(kind="normal")
    argo.wait_for_health(revision)
    assert list_annotations(release) == {""}
    after = release.list_restarts()
    others = {name: each for name, each in before.items() if " mlflow-" not in name}
    assert others.items() <= after.items()

    shell.delete_application()
    shell.take_back("--wait", "--timeout", "5m")
    shell.remove_argo_cd()
    assert release.list_restarts() == after
    assert release.start_client("read_one.py", RUN=run).wait_for_output() == "42.0 kept"
