"""Bringing archives into a node's containerd, under the references that charts name."""

from collections.abc import Callable, Iterable

from carbon.console import step
from carbon.images.archives import Archive, Progress

LABEL = "254carbon.com/inputs"
"""On an image in containerd: the digest of what it was built from."""


def load(
    archives: Iterable[Archive], ctr: Callable[[list[str]], str], progress: Progress = step
) -> list[str]:
    """Import the archives that the node does not have, and return their references.

    `ctr` runs ctr with these arguments in the node, in the namespace of Kubernetes, and returns
    what it printed. An interrupted import is done again: the label comes last.

    Raises:
        CarbonError: as `ctr` does.
    """
    imported = []
    for archive in archives:
        if archive.reference in ctr(["images", "ls", "-q", _the_same(archive)]).split():
            continue
        with progress(f"load image {archive.reference}"):
            ctr(["images", "import", str(archive.path)])
            ctr(["images", "label", archive.reference, f"{LABEL}={archive.digest}"])
        imported.append(archive.reference)
    return imported


def _the_same(archive: Archive) -> str:
    return f'name=="{archive.reference}",labels."{LABEL}"=="{archive.digest}"'
