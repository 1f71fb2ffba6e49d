"""Publishes a release: packages a commit, and adds it to a target and the index.

The umbrella's package is the last that a target gets, and the index is written after that. An
interrupted command leaves a target without that package; the same command continues.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from semver import Version

from carbon.charts.discovery import UMBRELLA
from carbon.charts.kubernetes import MINORS
from carbon.console import step
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import ROOT
from carbon.release.archives import compute_digest
from carbon.release.commit import export_commit, read_clean_commit
from carbon.release.index import FOLDER, INDEX, Release, format_index, read_index
from carbon.release.packages import build_packages, build_values_archive
from carbon.release.prepare import CHANGELOG
from carbon.release.signing import sign_package
from carbon.release.stored import unpack_release
from carbon.release.targets import Target
from carbon.release.versions import check_version, read_version
from carbon.upgrade.findings import Finding
from carbon.upgrade.run import check_upgrade
from carbon.upgrade.sides import Side
from carbon.upgrade.versions import find_bump

Contents = dict[str, bytes]
"""File name -> content of each package."""


def publish(
    target: Target,
    key: str = "",
    passphrase: Path | None = None,
    checkout: Path = ROOT,
    folder: Path = FOLDER,
) -> tuple[Release, list[str]]:
    """Publish the commit that is checked out; return the release and the packages that are new.

    Args:
        target: the folder or registry.
        key: the key of GnuPG that signs the packages; empty for no signature.
        passphrase: file with the key's passphrase.
        checkout: the checkout.
        folder: the folder of the index.

    Raises:
        CarbonError: the checkout has changes, the version is too small, or a package exists with
            another digest.
    """
    commit = read_clean_commit(checkout)
    with export_commit(checkout, commit) as tree:
        version = read_version(tree)
        with step(f"package {version}"):
            packages, values = build_packages(tree), build_values_archive(tree)
        digests = {name: compute_digest(content) for name, content in packages.items()}
        release = Release(str(version), commit.name, commit.date, digests, compute_digest(values))
        releases = read_index(folder)
        known = next((each for each in releases if each.version == release.version), None)
        if known is None:
            check_release(tree, version, releases, folder)
        else:
            check_same(release, known.packages, format_path(folder / INDEX))
    added = add_to_target(target, release, packages, key, passphrase)
    if known is None:
        store_release(folder, [*releases, release], packages[release.package], values)
    return known or release, added


def check_release(tree: Path, version: Version, releases: list[Release], folder: Path) -> None:
    """Check version and changelog of a release that the index does not have.

    Raises:
        CarbonError: the version is too small, or the changelog has no section about it.
    """
    previous = find_previous(version, releases)
    if previous is not None:
        since = Version.parse(previous.version)
        check_version(version, since, find_bump(compare(previous, tree, folder)))
    changelog = tree / CHANGELOG
    if not changelog.exists() or f"\n## {version} (" not in changelog.read_text("utf-8"):
        raise CarbonError(
            f"{CHANGELOG} has no section about {version}",
            f"Run `carbon release prepare {version}` and commit what it writes.",
        )


def find_previous(version: Version, releases: list[Release]) -> Release | None:
    """Return the newest release before a version; None if there is none."""
    before = [each for each in releases if Version.parse(each.version) < version]
    return max(before, default=None)


def compare(previous: Release, tree: Path, folder: Path = FOLDER) -> list[Finding]:
    """Return what the upgrade check finds between a release and a checkout."""
    root = unpack_release(previous, folder)
    old = Side(previous.version, root / UMBRELLA, root)
    with step(f"compare with {previous.version}"):
        report = check_upgrade(
            old, Side("the release", tree / UMBRELLA, tree), MINORS[-1], lambda *_: None
        )
    return report.findings


def check_same(release: Release, published: Mapping[str, str | None], where: str) -> None:
    """Check that packages are those that were published, as far as they were.

    Raises:
        CarbonError: a package has another digest.
    """
    other = [
        name
        for name, digest in release.packages.items()
        if published.get(name) not in (None, digest)
    ]
    if other:
        raise CarbonError(
            f"{where} has another content of {', '.join(other)}",
            f"Version {release.version} is published and never changes. Give the changes the next "
            "version: carbon release prepare VERSION",
        )


def add_to_target(
    target: Target, release: Release, packages: Contents, key: str, passphrase: Path | None
) -> list[str]:
    """Add the packages that a target lacks, the umbrella's last; return their file names."""
    published = {name: target.read_digest(name) for name in packages}
    check_same(release, published, str(target))
    missing = [name for name in packages if published[name] is None]
    missing.sort(key=lambda name: (name == release.package, name))
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in missing]
        for path in paths:
            path.write_bytes(packages[path.name])
            if key:
                sign_package(path, key, passphrase)
        target.add_packages(paths)
    return missing


def store_release(folder: Path, releases: list[Release], package: bytes, values: bytes) -> None:
    """Add the newest of some releases to the folder of the index; the index is written last."""
    release = releases[-1]
    text = format_index(releases).encode()
    contents = {release.package: package, release.values_archive: values, INDEX: text}
    for name, content in contents.items():
        new = folder / f".new-{name}"
        try:
            new.write_bytes(content)
            new.replace(folder / name)
        finally:
            new.unlink(missing_ok=True)
