"""An API server without a node, and Helm's own requests to it."""

from collections.abc import Iterator

import pytest
from tests.check.conftest import copy, original, root
from tests.live.apiserver import start_api_server
from tests.live.verdicts.helm_update import Updater, start_updater

__all__ = ["copy", "original", "root"]


@pytest.fixture(scope="session")
def updater(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Updater]:
    """Sends objects as upgrades to an API server that has the CRDs of schemas/crds."""
    folder = tmp_path_factory.mktemp("api")
    with start_api_server(folder) as api:
        api.create_crds()
        with start_updater(api, folder) as running:
            yield running
