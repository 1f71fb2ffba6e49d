"""The local cluster with Argo CD, which installs the platform from a Git repository."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from tests.live.argocd import ArgoCd
from tests.live.charts_repository import ChartsRepository
from tests.live.support import Release, wait

from carbon.cluster import access, addons, lifecycle
from carbon.cluster.layout import layout
from carbon.gitops.plan import Plan
from carbon.gitops.projects import ARGOCD, PLATFORM
from carbon.home import ROOT
from carbon.platform.target import Target

VALUES = "umbrella/values.yaml"
SMALL = ROOT / "tests" / "live" / "options" / "small.yaml"


@contextmanager
def add_argo_cd() -> Iterator[ArgoCd]:
    """Run Argo CD on the local cluster; remove it at the end unless it was installed before."""
    place = layout()
    installed = ARGOCD in addons.read_installed(place)
    if not installed:
        lifecycle.add(ARGOCD)
    try:
        kubectl = partial(access.kubectl, timeout=300)
        yield ArgoCd(kubectl, place.kubeconfig, place.data / ARGOCD)
    finally:
        if not installed:
            lifecycle.remove(ARGOCD)


@pytest.fixture(scope="session")
def argo(cluster: Target) -> Iterator[ArgoCd]:
    """Argo CD on the local cluster."""
    with add_argo_cd() as running:
        yield running


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> ChartsRepository:
    """A Git repository with the charts."""
    return ChartsRepository(tmp_path_factory.mktemp("charts"))


class Platform(Release):
    """A release that Argo CD installs.

    As a context manager it deletes the Application and its objects at the end.
    """

    def __init__(self, argo: ArgoCd, plan: Plan) -> None:
        super().__init__(plan.namespace)
        self.argo = argo
        self.plan = plan

    def __exit__(self, *_: object) -> None:
        self.argo.delete(self.argo.read())

    def roll_out(self, revision: str) -> None:
        """Let Argo CD notice a commit, and wait until it is Synced and Healthy."""
        self.argo.refresh(kind="normal")
        self.argo.wait_for_health(revision)

    def sync_again(self) -> None:
        """Sync the Application by hand, as `argocd app sync` does, and wait."""
        before = self.read_end()
        options = self.argo.read()["spec"]["syncPolicy"]["syncOptions"]
        sync = {"prune": True, "syncOptions": options}
        operation = {"operation": {"initiatedBy": {"username": "tester"}, "sync": sync}}
        patch = ("patch", "application", PLATFORM, "-n", ARGOCD, "--type=merge")
        self.argo.kubectl(*patch, "--patch", json.dumps(operation))
        wait("the second sync", lambda: self.read_end() > before)
        self.argo.wait_for_health()

    def read_end(self) -> str:
        """Return when the last sync ended."""
        return str(self.argo.read()["status"]["operationState"].get("finishedAt", ""))
