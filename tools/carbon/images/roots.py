"""Runs programs in the root file systems of images, without a node."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from carbon.console import err, step
from carbon.home import home
from carbon.images.archives import Progress
from carbon.images.builder import Builder
from carbon.images.digest import compute_digests
from carbon.images.table import read_images, select_images, sort_with_bases
from carbon.locks import hold_lock

RunScript = Callable[[str, float], str]
"""Runs a shell script with a timeout in seconds, and returns its output."""


@contextmanager
def open_roots(names: Collection[str], progress: Progress = step) -> Iterator[RunScript]:
    """Build images into buildah's storage, and yield a function that runs shell scripts.

    A script runs as root in mount, PID and network namespaces of its own. In a script, `$buildah`
    is the command buildah with this storage: `$buildah run` runs a program in the root file system
    of an image. The images and all working containers are removed at the end; base images stay.

    Raises:
        CarbonError: an image is unknown or can't be built, or a script fails.
    """
    images = read_images()
    sums = compute_digests(images)
    wanted = select_images(images, names)
    with hold_lock(home() / "images" / ".lock", lambda: err.print("… waiting for another build")):
        builder = Builder()
        try:
            for image in sort_with_bases(images, wanted):
                if not builder.has_base(image, sums[image.name]):
                    with progress(f"build image {image.name}"):
                        builder.build_base(image, sums[image.name])
            yield builder.run_script
        finally:
            builder.clear()
            for image in wanted:
                builder.remove(image, sums[image.name])
