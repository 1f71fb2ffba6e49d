"""The least version that a release needs, by semantic versioning."""

from collections.abc import Iterable

from semver import Version

from carbon.upgrade.findings import Bump, Finding


def find_bump(findings: Iterable[Finding]) -> Bump:
    """Return the greatest bump that a finding needs; NONE without findings."""
    return max((finding.least_bump for finding in findings), default=Bump.NONE)


def raise_version(version: str, bump: Bump) -> str:
    """Return the least version after a change that needs a bump.

    Before 1.0.0 the minor version stands for breaking changes, and the patch version for others.

    Raises:
        ValueError: the version is not semantic.
    """
    old = Version.parse(version)
    if bump == Bump.NONE:
        return version
    if bump == Bump.MAJOR:
        return str(old.bump_minor() if old.major == 0 else old.bump_major())
    if bump == Bump.MINOR and old.major > 0:
        return str(old.bump_minor())
    return str(old.bump_patch())


def is_enough(declared: str, least: str) -> bool:
    """Return whether a declared version is at least the least version.

    Raises:
        ValueError: a version is not semantic.
    """
    return Version.parse(declared) >= Version.parse(least)
