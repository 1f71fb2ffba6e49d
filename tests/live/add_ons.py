"""Add-ons of the local cluster for the tests of one suite."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from carbon import images
from carbon.cluster import access, addons, lifecycle
from carbon.cluster.layout import layout


@contextmanager
def add_operators(*names: str) -> Iterator[None]:
    """Load the images of the tier `ops` and add add-ons; remove those that were not there."""
    images.load_archives(images.ensure_archives(images.list_needed("ops")), access.run_ctr)
    with add_addons(*names):
        yield


@contextmanager
def add_addons(*names: str) -> Iterator[None]:
    """Add add-ons of the local cluster; remove those that were not there."""
    before = addons.read_installed(layout())
    with ExitStack() as added:
        for name in names:
            if name not in before:
                added.callback(lifecycle.remove, name)
                lifecycle.add(name)
        yield
