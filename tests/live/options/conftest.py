"""The local cluster with the images of the tier `options`."""

import pytest

from carbon import images
from carbon.cluster import access
from carbon.platform.target import Target


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Target:
    """The local cluster, with the images of the tiers `core` and `options`."""
    images.load_archives(images.ensure_archives(images.list_needed("options")), access.run_ctr)
    return cluster
