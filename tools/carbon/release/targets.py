"""The places to which a release is published: a folder, or an OCI registry."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from carbon import externals
from carbon.console import step
from carbon.errors import CarbonError, find_cause
from carbon.interrupts import shield
from carbon.process import run
from carbon.release.archives import compute_digest

_MISSING = re.compile(r":[^:/\s]+: not found$|status code 404", re.M)
"""What Helm prints about a tag that a registry does not have."""
_LOGIN = "Log in first: helm registry login {0}. The user needs the permission to push."
_CAUSES = (
    (
        r"certificate signed by unknown authority|x509: \S.*",
        "the registry's certificate is not trusted ({0})",
        "Pass the file of its certificate authority: --ca-file FILE",
    ),
    (
        r"server gave HTTP response to HTTPS client",
        "the registry answers without TLS",
        "Use TLS, or pass --plain-http for a registry on this machine.",
    ),
    (r"\b(401|403|unauthorized|denied|basic credential not found)\b", "access is refused", _LOGIN),
)


class Target(Protocol):
    """A place for packages."""

    def read_digest(self, package: str) -> str | None:
        """Return the digest of the package with a file name; None if there is none."""

    def add_packages(self, packages: Sequence[Path]) -> None:
        """Add packages in this order, each with the provenance file beside it if there is one."""


@dataclass(frozen=True)
class Folder:
    """A folder."""

    path: Path

    def __str__(self) -> str:
        """Return the path."""
        return str(self.path)

    def read_digest(self, package: str) -> str | None:
        """Return the digest of a file in the folder; None if it is missing."""
        file = self.path / package
        return compute_digest(file.read_bytes()) if file.is_file() else None

    def add_packages(self, packages: Sequence[Path]) -> None:
        """Copy the files into the folder; none has its name before all are copied."""
        self.path.mkdir(parents=True, exist_ok=True)
        files = [file for package in packages for file in (_get_provenance(package), package)]
        present = [file for file in files if file.exists()]
        new = self.path / ".new-release"
        shutil.rmtree(new, ignore_errors=True)
        try:
            new.mkdir()
            for file in present:
                shutil.copyfile(file, new / file.name)
            with shield():
                for file in present:
                    (new / file.name).replace(self.path / file.name)
        finally:
            shutil.rmtree(new, ignore_errors=True)


@dataclass(frozen=True)
class Registry:
    """A path in an OCI registry, such as oci://registry.example.com/charts."""

    url: str
    options: tuple[str, ...] = ()
    """Options of Helm's commands, such as --plain-http."""

    def __str__(self) -> str:
        """Return the URL."""
        return self.url

    def read_digest(self, package: str) -> str | None:
        """Return the digest of the package in the registry; None if it has no such version.

        Raises:
            CarbonError: the registry does not answer, or refuses access.
        """
        name, version = split_name(package)
        with TemporaryDirectory() as folder:
            args = ["pull", f"{self.url}/{name}", "--version", version, "--destination", folder]
            try:
                self._run(args)
            except CarbonError as failed:
                if _MISSING.search(failed.what):
                    return None
                raise
            return compute_digest((Path(folder) / package).read_bytes())

    def add_packages(self, packages: Sequence[Path]) -> None:
        """Push the packages one after the other.

        Raises:
            CarbonError: the registry does not answer, or refuses access.
        """
        for package in packages:
            with step(f"push {package.name}"):
                self._run(["push", package, self.url])

    def _run(self, args: Sequence[str | Path]) -> None:
        helm = externals.ensure_program("helm")
        try:
            run([helm, *args, *self.options])
        except CarbonError as failed:
            if (cause := find_cause(failed.what, _CAUSES)) is None:
                raise
            host = self.url.removeprefix("oci://").partition("/")[0]
            raise CarbonError(f"{self.url}: {cause[0]}", cause[1].format(host)) from failed


def split_name(package: str) -> tuple[str, str]:
    """Return chart and version of a package's file name, such as feast and 0.2.0-rc.1."""
    match = re.fullmatch(r"(.+?)-(\d+\.\d+\.\d+.*)\.tgz", package)
    if match is None:
        raise CarbonError(f"{package} is not the name of a package", "Name it NAME-VERSION.tgz.")
    return match[1], match[2]


def parse_target(text: str, options: tuple[str, ...]) -> Target:
    """Return the target that an option of the command line names; `options` are those of Helm."""
    if text.startswith("oci://"):
        return Registry(text.rstrip("/"), options)
    if "://" in text:
        raise CarbonError(
            f"{text} is neither a folder nor an OCI registry",
            "Write a path, or a URL such as oci://registry.example.com/charts.",
        )
    return Folder(Path(text))


def _get_provenance(package: Path) -> Path:
    return package.with_name(f"{package.name}.prov")
