"""The archives of images under `$CARBON_HOME/images`: which there are, and building the others."""

import fcntl
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
from carbon.images.declared import Image, chosen, declared, with_bases
from carbon.images.digest import LENGTH, digests

Progress = Callable[[str], AbstractContextManager[None]]
"""Shows a piece of work while it runs, such as `carbon.console.step`."""


@dataclass(frozen=True)
class Archive:
    """An image in a file: an OCI archive that bears the image's reference."""

    reference: str
    path: Path
    digest: str
    """Of everything that went into the image (16 hexadecimal digits), not of the file."""


def needed_by(tier: str) -> list[str]:
    """The names of the images that a test tier's node needs."""
    return [image.name for image in declared().values() if tier in image.tiers]


def archives(names: Iterable[str] | None = None, progress: Progress = step) -> list[Archive]:
    """The archives of these images (names or references), built where they are missing.

    None stands for every image that some tier needs.

    Raises:
        CarbonError: an image is unknown or can't be built. Nothing half-made is left.
    """
    images = declared()
    sums = digests(images)
    wanted = chosen(images, names)
    if any(not place(image, sums).is_file() for image in wanted):
        with _alone(home() / "images" / ".lock"):
            _build(images, sums, wanted, progress)
    return [Archive(image.reference, place(image, sums), sums[image.name]) for image in wanted]


@contextmanager
def ahead(names: Collection[str]) -> Iterator[None]:
    """Have these archives built by a process beside this one while the block does something else.

    What is missing when the block asks for `archives` is built then, and what fails is told then.
    """
    images = declared()
    sums = digests(images)
    whole = all(place(image, sums).is_file() for image in chosen(images, names))
    if whole or os.geteuid() != 0:
        yield
        return
    debian.ensure(PROGRAMS)  # now: two who install at once get into each other's way
    log = home() / "logs" / "images-ahead.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # It ends when this process ends, however that happens.
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "carbon", "images", "build"]
    with log.open("wb") as sink:
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


def place(image: Image, sums: Mapping[str, str]) -> Path:
    """Where the archive of an image is, there or not."""
    return home() / "images" / f"{image.name}-{sums[image.name]}.tar"


def _build(
    images: Mapping[str, Image], sums: Mapping[str, str], wanted: list[Image], progress: Progress
) -> None:
    missing = [image for image in wanted if not place(image, sums).is_file()]
    if not missing:
        return  # another process built them while this one waited
    bases = {base for image in images.values() for base in image.bases}
    builder = Builder()
    try:
        for image in with_bases(images, missing):
            digest, archive = sums[image.name], place(image, sums)
            if image.reference not in bases:
                with progress(f"build image {image.name}"):
                    builder.build(image, archive)
            elif not builder.holds(image, digest):
                with progress(f"build image {image.name}"):
                    builder.keep(image, digest)
            if image.reference in bases and image in missing:
                builder.export(image, archive)
            _remove_old(image, archive)
        builder.forget(images, sums)
    finally:
        builder.clear()


def _remove_old(image: Image, current: Path) -> None:
    for other in current.parent.glob(f"{image.name}-{'?' * LENGTH}.tar"):
        if other != current:
            other.unlink()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock file while working; wait, and say so, while another process holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            err.print("… waiting for another build of images to end")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
