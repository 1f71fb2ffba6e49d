"""Builds missing archives of images in `$CARBON_HOME/images`."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen

from carbon.console import err, step
from carbon.externals import debian
from carbon.home import home
from carbon.images.builder import PROGRAMS, Builder
from carbon.images.digest import LENGTH, compute_digests
from carbon.images.table import Image, read_images, select_images, sort_with_bases
from carbon.interrupts import shield
from carbon.locks import hold_lock

Progress = Callable[[str], AbstractContextManager[None]]
"""Shows a step while it runs, such as `carbon.console.step`."""


@dataclass(frozen=True)
class Archive:
    """An OCI archive that holds an image under its reference."""

    reference: str
    path: Path
    digest: str
    """Hash of the inputs of the image's build: 16 hexadecimal digits. It is no image digest."""


def list_needed(tier: str) -> list[str]:
    """Return the names of the images that a tier of tests needs on the node."""
    return [image.name for image in read_images().values() if tier in image.tiers]


def ensure_archives(names: Iterable[str] | None = None, progress: Progress = step) -> list[Archive]:
    """Return the archives of images (names or references); build missing archives.

    Without names, these are the images that any tier needs.

    Raises:
        CarbonError: an image is unknown or can't be built. Files of the failed build are removed.
    """
    images = read_images()
    sums = compute_digests(images)
    wanted = select_images(images, names)
    if any(not get_archive(image, sums).is_file() for image in wanted):
        with hold_lock(home() / "images" / ".lock", _report_waiting):
            _build(images, sums, wanted, progress)
    return [Archive(i.reference, get_archive(i, sums), sums[i.name]) for i in wanted]


@contextmanager
def build_in_background(names: Collection[str]) -> Iterator[None]:
    """Build archives in another process while the context is open; wait for it at the end.

    That process reports no failure. `ensure_archives` builds the archives that are still missing,
    and reports failures.
    """
    images = read_images()
    sums = compute_digests(images)
    complete = all(get_archive(image, sums).is_file() for image in select_images(images, names))
    if complete or os.geteuid() != 0:
        yield
        return
    debian.install(PROGRAMS)  # before both processes install packages
    log = home() / "logs" / "images-ahead.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # setpriv ends the process when this process ends, however it ends.
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "carbon", "images", "build"]
    with log.open("wb") as sink, shield():
        beside = Popen(
            [*command, *names], stdin=DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        yield
    except BaseException:
        beside.terminate()
        raise
    finally:
        beside.wait()


def get_archive(image: Image, sums: Mapping[str, str]) -> Path:
    """Return the path of an image's archive, whether it exists or not."""
    return home() / "images" / f"{image.name}-{sums[image.name]}.tar"


def _build(
    images: Mapping[str, Image], sums: Mapping[str, str], wanted: list[Image], progress: Progress
) -> None:
    missing = [image for image in wanted if not get_archive(image, sums).is_file()]
    if not missing:
        return  # another process built them while this one waited for the lock
    bases = {base for image in images.values() for base in image.bases}
    builder = Builder()
    try:
        for image in sort_with_bases(images, missing):
            digest, archive = sums[image.name], get_archive(image, sums)
            if image.reference not in bases:
                with progress(f"build image {image.name}"):
                    builder.build(image, archive)
            elif not builder.has_base(image, digest):
                with progress(f"build image {image.name}"):
                    builder.build_base(image, digest)
            if image.reference in bases and image in missing:
                builder.export(image, archive)
            _remove_old(image, archive)
        builder.remove_outdated(images, sums)
    finally:
        builder.clear()


def _remove_old(image: Image, current: Path) -> None:
    for other in current.parent.glob(f"{image.name}-{'?' * LENGTH}.tar"):
        if other != current:
            other.unlink()


def _report_waiting() -> None:
    err.print("… waiting for another build of images")
