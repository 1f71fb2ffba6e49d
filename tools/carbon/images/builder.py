"""Builds images from Containerfiles with buildah, in a store of its own under `$CARBON_HOME`.

Every program runs in mount and process namespaces that end with this process. However a build
ends, no mount and no process stays, and what it left unfinished goes at the latest when the next
one starts.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from carbon import externals
from carbon.errors import CarbonError
from carbon.externals import debian
from carbon.home import home
from carbon.images import pip
from carbon.images.declared import Image
from carbon.images.failure import failure
from carbon.process import run

PROGRAMS = ("buildah", "mmdebstrap")
"""The Debian packages that building takes."""

_INSIDE = "/mnt"
"""Where a build finds pip's settings and cache: a folder that every Debian root has anyway, so no
trace of them stays in the image."""

_ISOLATED = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


class Builder:
    """A store of images and a scratch folder, for whoever holds the lock on them."""

    def __init__(self) -> None:
        """Make ready to build, and throw away what an interrupted build left.

        Raises:
            CarbonError: not root, or Debian packages are missing and can't be installed.
        """
        if os.geteuid() != 0:
            raise CarbonError("building images takes root", "Run the same command as root.")
        debian.ensure(PROGRAMS)
        self.scratch = home() / "images" / ".scratch"
        self._store = home() / "buildah"
        self._shared = self.scratch / "shared"
        self.clear()
        (self._shared / "pip-cache").mkdir(parents=True)
        (home() / "pip-cache").mkdir(exist_ok=True)
        pip.write(self._shared, _INSIDE)

    def clear(self) -> None:
        """Remove everything unfinished: working containers and scratch files."""
        if self._store.is_dir():
            self._buildah("rm", "--all")
        shutil.rmtree(self._store / "run", ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True, exist_ok=True)

    def holds(self, image: Image, digest: str) -> bool:
        """Whether the store holds an image of this digest; then its reference means that one."""
        kept = _kept(image, digest)
        if kept not in self._names():
            return False
        self._buildah("tag", kept, image.reference)
        return True

    def keep(self, image: Image, digest: str) -> None:
        """Build an image that others build on into the store."""
        self._build(image, image.reference)
        self._buildah("tag", image.reference, _kept(image, digest))

    def build(self, image: Image, archive: Path) -> None:
        """Build an image straight into a new archive that bears its reference."""
        half = self.scratch / archive.name
        self._build(image, f"oci-archive:{half}:{image.reference}")
        half.replace(archive)

    def export(self, image: Image, archive: Path) -> None:
        """Write an image that the store keeps into a new archive that bears its reference."""
        half = self.scratch / archive.name
        self._buildah("push", image.reference, f"oci-archive:{half}:{image.reference}")
        half.replace(archive)

    def forget(self, images: Mapping[str, Image], digests: Mapping[str, str]) -> None:
        """Remove from the store every image that does not have the digest it should have."""
        there = self._names()
        current = {image: _kept(image, digests[name]) for name, image in images.items()}
        wanted = set(current.values())
        wanted |= {image.reference for image, kept in current.items() if kept in there}
        for name in there - wanted:
            self._buildah("rmi", name)
        self._buildah("rmi", "--prune")

    def _build(self, image: Image, target: str) -> None:
        log = home() / "logs" / f"image-{image.name}.log"
        log.unlink(missing_ok=True)
        context = self.scratch / image.name
        shutil.copytree(image.folder, context)
        try:
            if image.bootstrap:
                _bootstrap(image.bootstrap, context, log)
            for program in image.programs:
                shutil.copy(externals.ensure_program(program), context / program)
            self._buildah(
                *("build", "--isolation=chroot", "--pull=never", "--layers=false", "--force-rm"),
                "--disable-compression=false",
                f"--volume={self._shared}:{_INSIDE}:ro",
                f"--volume={home() / 'pip-cache'}:{_INSIDE}/pip-cache",
                f"--build-arg=PIP_CONFIG_FILE={_INSIDE}/pip.conf",
                f"--tag={target}",
                str(context),
                log=log,
            )
        except CarbonError as error:
            said = (
                log.read_text(encoding="utf-8", errors="replace") if log.is_file() else str(error)
            )
            raise failure(image.name, said, log) from None
        finally:
            shutil.rmtree(context, ignore_errors=True)

    def _names(self) -> set[str]:
        listed = self._buildah("images", "--noheading", "--format", "{{.Name}}:{{.Tag}}")
        return {line for line in listed.splitlines() if "<none>" not in line}

    def _buildah(self, *args: str, log: Path | None = None) -> str:
        store = ("--root", str(self._store), "--runroot", str(self._store / "run"))
        return run(
            [*_ISOLATED, "buildah", *store, "--storage-driver=overlay", *args],
            env={"TMPDIR": str(self.scratch)},
            log=log,
            remedy=f"Remove {self._store} and run the same command again.",
        )


def _kept(image: Image, digest: str) -> str:
    return f"localhost/{image.name}:{digest}"


def _bootstrap(release: str, context: Path, log: Path) -> None:
    """Make base.tar, the root of a small Debian, with the settings that lie beside it."""
    made = ("mmdebstrap", "--variant=minbase", "--mode=root", release, str(context / "base.tar"))
    run(
        [
            *_ISOLATED,
            *made,
            f"--dpkgopt={context / 'dpkg.cfg'}",
            f"--aptopt={context / 'apt.conf'}",
        ],
        env={"TMPDIR": str(context.parent)},
        log=log,
    )
