"""Imports archives into a node's containerd, under the references that charts name."""

from collections.abc import Callable, Iterable

from carbon.console import step
from carbon.images.archives import Archive, Progress

LABEL = "254carbon.com/inputs"
"""Label of an image in containerd: the hash of the image's build inputs."""


def load_archives(
    archives: Iterable[Archive], ctr: Callable[[list[str]], str], progress: Progress = step
) -> list[str]:
    """Import the archives that the node does not have, and return their references.

    `ctr` runs ctr with arguments on the node, in the containerd namespace k8s.io, and returns its
    output. The label is set last, so that an interrupted import is repeated.

    Raises:
        CarbonError: `ctr` fails.
    """
    imported = []
    for archive in archives:
        if archive.reference in ctr(["images", "ls", "-q", _build_filter(archive)]).split():
            continue
        with progress(f"load image {archive.reference}"):
            ctr(["images", "import", str(archive.path)])
            ctr(["images", "label", archive.reference, f"{LABEL}={archive.digest}"])
        imported.append(archive.reference)
    return imported


def _build_filter(archive: Archive) -> str:
    return f'name=="{archive.reference}",labels."{LABEL}"=="{archive.digest}"'
