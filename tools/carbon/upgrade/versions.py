"""The least version of a release, from the findings about the upgrade to it."""

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


def find_least_version(old: str, findings: Iterable[Finding]) -> str:
    """Return the least version after an old one; empty if the old one is not semantic."""
    return raise_version(old, find_bump(findings)) if Version.is_valid(old) else ""


def is_enough(declared: str, least: str) -> bool:
    """Return whether a declared version is semantic and at least the least version."""
    known = Version.is_valid(declared) and Version.is_valid(least)
    return known and Version.parse(declared) >= Version.parse(least)
