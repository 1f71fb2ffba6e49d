"""The shared cluster, with the images that only options need."""

import pytest

from carbon import images
from carbon.cluster import access
from carbon.platform.target import Target


@pytest.fixture(scope="session")
def cluster(cluster: Target) -> Target:
    """The local cluster with the images of the tier `options` beside the core's."""
    images.load(images.archives(images.needed_by("options")), access.run_ctr)
    return cluster
