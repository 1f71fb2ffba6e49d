"""Builds images from Containerfiles with buildah, in storage of its own in `$CARBON_HOME`.

Every program runs in mount and PID namespaces that end with this process, so no mount and no
process outlives a build. Files of an interrupted build are removed when the next build starts.
"""

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from carbon import externals
from carbon.errors import CarbonError
from carbon.externals import debian, golang
from carbon.externals.table import FOLDER
from carbon.home import home
from carbon.images import pip
from carbon.images.failure import explain_failure
from carbon.images.table import Image, ModuleFiles
from carbon.process import run

PROGRAMS = ("buildah", "mmdebstrap")
"""The Debian packages that a build needs."""

_INSIDE = "/mnt"
"""The mount point of pip's settings and cache in a build. Every Debian image contains /mnt, so
the mount adds no folder to the image."""

_ISOLATED = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


class Builder:
    """Storage of images, and a scratch folder. A caller must hold the lock images/.lock."""

    def __init__(self) -> None:
        """Prepare a build, and remove what an interrupted build left.

        Raises:
            CarbonError: the user is not root, or Debian packages can't be installed.
        """
        if os.geteuid() != 0:
            raise CarbonError("building images needs root", "Run the same command as root.")
        debian.install(PROGRAMS)
        self.scratch = home() / "images" / ".scratch"
        self._store = home() / "buildah"
        place = ("--root", str(self._store), "--runroot", str(self._store / "run"))
        self._command = ("buildah", *place, "--storage-driver=overlay")
        self._shared = self.scratch / "shared"
        self.clear()
        (self._shared / "pip-cache").mkdir(parents=True)
        (home() / "pip-cache").mkdir(exist_ok=True)
        pip.write_config(self._shared, _INSIDE)

    def clear(self) -> None:
        """Remove working containers and scratch files."""
        if self._store.is_dir():
            self._buildah("rm", "--all")
        shutil.rmtree(self._store / "run", ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True, exist_ok=True)

    def has_base(self, image: Image, digest: str) -> bool:
        """Return whether the storage has the image with this hash; tag it with its reference."""
        tag = _get_tag(image, digest)
        if tag not in self._list_names():
            return False
        self._buildah("tag", tag, image.reference)
        return True

    def build_base(self, image: Image, digest: str) -> None:
        """Build an image that is a base of other images, and keep it in the storage."""
        self._build(image, image.reference)
        self._buildah("tag", image.reference, _get_tag(image, digest))

    def build(self, image: Image, archive: Path) -> None:
        """Build an image and write it to a new archive, under its reference."""
        draft = self.scratch / archive.name
        self._build(image, f"oci-archive:{draft}:{image.reference}")
        draft.replace(archive)

    def export(self, image: Image, archive: Path) -> None:
        """Write an image of the storage to a new archive, under its reference."""
        draft = self.scratch / archive.name
        self._buildah("push", image.reference, f"oci-archive:{draft}:{image.reference}")
        draft.replace(archive)

    def remove_outdated(self, images: Mapping[str, Image], digests: Mapping[str, str]) -> None:
        """Remove from the storage every image that was built from other than the current inputs."""
        present = self._list_names()
        current = {image: _get_tag(image, digests[name]) for name, image in images.items()}
        wanted = set(current.values())
        wanted |= {image.reference for image, kept in current.items() if kept in present}
        for name in present - wanted:
            self._buildah("rmi", name)
        self._buildah("rmi", "--prune")

    def remove(self, image: Image, digest: str) -> None:
        """Remove the image with this hash of its build inputs, if the storage has it."""
        for name in {image.reference, _get_tag(image, digest)} & self._list_names():
            self._buildah("rmi", name)

    def run_script(self, script: str, timeout: float) -> str:
        """Run a shell script in a new network namespace; `$buildah` in it uses this storage."""
        env = {"TMPDIR": str(self.scratch), "buildah": shlex.join(self._command)}
        shell = ("sh", "-ec", f"ip link set lo up\n{script}")
        return run([*_ISOLATED, "--net", *shell], env=env, timeout=timeout)

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
            if image.module:
                _copy_files(image.module, context)
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
            output = log.read_text("utf-8", errors="replace") if log.is_file() else str(error)
            raise explain_failure(image.name, output, log) from None
        finally:
            shutil.rmtree(context, ignore_errors=True)

    def _list_names(self) -> set[str]:
        listed = self._buildah("images", "--noheading", "--format", "{{.Name}}:{{.Tag}}")
        return {line for line in listed.splitlines() if "<none>" not in line}

    def _buildah(self, *args: str, log: Path | None = None) -> str:
        return run(
            [*_ISOLATED, *self._command, *args],
            env={"TMPDIR": str(self.scratch)},
            log=log,
            remedy=f"Remove {self._store} and run the same command again.",
        )


def _get_tag(image: Image, digest: str) -> str:
    return f"localhost/{image.name}:{digest}"


def _copy_files(module: ModuleFiles, context: Path) -> None:
    folder = golang.download_module(FOLDER / module.external, module.module)
    for file in module.files:
        shutil.copyfile(folder / file, context / Path(file).name)


def _bootstrap(release: str, context: Path, log: Path) -> None:
    """Create base.tar, a minimal Debian, with dpkg.cfg and apt.conf of the build's folder."""
    command = ("mmdebstrap", "--variant=minbase", "--mode=root", release, str(context / "base.tar"))
    run(
        [
            *_ISOLATED,
            *command,
            f"--dpkgopt={context / 'dpkg.cfg'}",
            f"--aptopt={context / 'apt.conf'}",
        ],
        env={"TMPDIR": str(context.parent)},
        log=log,
    )
