"""The least version of a release, from the findings about the upgrade to it."""

from collections.abc import Iterable

from semver import Version

from carbon.release.versions import compute_least
from carbon.upgrade.findings import Bump, Finding


def find_bump(findings: Iterable[Finding]) -> Bump:
    """Return the greatest bump that a finding needs; NONE without findings."""
    return max((finding.least_bump for finding in findings), default=Bump.NONE)


def find_least_version(old: str, findings: Iterable[Finding]) -> str:
    """Return the least version after an old one; the old one without findings.

    The result is empty if the old version is not semantic.
    """
    bump = find_bump(findings)
    if not Version.is_valid(old) or bump == Bump.NONE:
        return old if Version.is_valid(old) else ""
    return str(compute_least(Version.parse(old), bump))


def is_enough(declared: str, least: str) -> bool:
    """Return whether a declared version is semantic and at least the least version."""
    known = Version.is_valid(declared) and Version.is_valid(least)
    return known and Version.parse(declared) >= Version.parse(least)
