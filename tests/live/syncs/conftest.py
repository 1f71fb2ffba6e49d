"""Argo CD beside an API server with the controllers that delete objects, but without a node."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml
from tests.live.apiserver import ApiServer, start_api_server, start_controllers
from tests.live.argocd import ArgoCd, start_argo_cd
from tests.live.charts_repository import ChartsRepository
from tests.live.verdicts.helm_update import write_kubeconfig

from carbon.charts.render import Object

CONTROLLERS = (
    "garbage-collector-controller",  # Argo CD prunes with the propagation policy `foreground`
    "namespace-controller",
    "persistentvolumeclaim-protection-controller",
)


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server with the CRDs of schemas/crds."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder) as running:
        running.create_crds()
        with start_controllers(write_kubeconfig(running, folder), folder, *CONTROLLERS):
            yield running


@pytest.fixture(scope="session")
def running(api: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArgoCd]:
    """Argo CD without an Application."""
    with start_argo_cd(api, tmp_path_factory.mktemp("argocd")) as argo:
        yield argo


@pytest.fixture
def argo(running: ArgoCd) -> Iterator[ArgoCd]:
    """Argo CD; all Applications and their namespaces are deleted after the test."""
    yield running
    # A root Application, which comes after its Applications, would create them again.
    running.delete(*reversed(running.list_applications()))


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> ChartsRepository:
    """A Git repository with the charts that no test changes."""
    return ChartsRepository(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> ChartsRepository:
    """The Git repository of a module."""
    return ChartsRepository(tmp_path_factory.mktemp("charts"))


@pytest.fixture
def charts(shared: ChartsRepository) -> Iterator[ChartsRepository]:
    """A Git repository with the charts; the changes of a test are reverted after it."""
    yield shared
    shared.restore()


def create_namespaces(argo: ArgoCd, objects: Iterable[Object], own: str) -> None:
    """Create the namespaces of objects, except the one that the Application creates."""
    names = {each["metadata"].get("namespace", own) for each in objects} - {own}
    argo.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names
    )


def write_values(folder: Path, values: object) -> Path:
    """Write a values file."""
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(values), "utf-8")
    return file
