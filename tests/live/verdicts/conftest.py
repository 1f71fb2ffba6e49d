"""An API server without a node, and Helm's own requests to it."""

from collections.abc import Iterator

import pytest
import yaml
from tests.check.conftest import copy, original, root
from tests.live.apiserver import start_api_server, start_controllers
from tests.live.verdicts.helm_update import Updater, start_updater, write_kubeconfig
from tests.live.verdicts.installed import Cluster

__all__ = ["copy", "original", "root"]
WITHOUT_CONTROLLERS = "--disable-admission-plugins=" + ",".join(
    (
        "ServiceAccount",  # no controller creates the accounts of pods
        "StorageObjectInUseProtection",  # no controller removes the finalizers of deleted claims
        "NamespaceLifecycle",
        "PersistentVolumeClaimResize",  # whether a StorageClass lets volumes grow
    )
)
"""Flag that disables the admission plugins that need controllers or objects of a real cluster."""
OBJECTS = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "data-platform"}},
    {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "standard",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "example.com/volumes",
    },
]
"""The namespace of the release, and a default StorageClass."""


@pytest.fixture(scope="session")
def updater(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Updater]:
    """Sends objects as upgrades to an API server that has the CRDs of schemas/crds."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder, WITHOUT_CONTROLLERS) as api:
        api.create_crds()
        api.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all(OBJECTS))
        # helm-update deletes an object before it creates the next one, such as a Namespace.
        kubeconfig = write_kubeconfig(api, folder)
        with (
            start_controllers(kubeconfig, folder, "namespace-controller"),
            start_updater(api, folder) as running,
        ):
            yield running


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An API server for installed releases."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder, WITHOUT_CONTROLLERS) as api:
        yield Cluster(api, folder)
