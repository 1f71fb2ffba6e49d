"""Versions of releases: the least version after a change, and versions that are refused."""

import pytest
from semver import Version

from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.release.versions import check_version, compute_least, parse_version, read_version
from carbon.upgrade.findings import Bump, Finding, Severity
from carbon.upgrade.versions import find_least_version, is_enough


@pytest.mark.parametrize(
    ("version", "bump", "least"),
    [
        ("0.1.0", Bump.MAJOR, "0.2.0"),
        ("0.1.0", Bump.MINOR, "0.1.1"),
        ("0.1.0", Bump.NONE, "0.1.0"),
        ("1.2.3", Bump.MAJOR, "2.0.0"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.2.3", Bump.PATCH, "1.2.4"),
    ],
)
def test_the_least_version_follows_semantic_versioning(
    version: str, bump: Bump, least: str
) -> None:
    finding = Finding("example/rule", Severity.NOTE, "a", (), "", "", bump=bump)
    assert find_least_version(version, [finding] if bump else []) == least
    assert is_enough(least, least)
    assert bump == Bump.NONE or not is_enough(version, least)


def test_all_charts_have_one_version() -> None:
    assert read_version(ROOT)


@pytest.mark.parametrize(
    ("old", "bump", "least"),
    [
        ("0.1.0", Bump.NONE, "0.1.1"),
        ("0.1.0", Bump.MAJOR, "0.2.0"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.3.0-rc.1", Bump.MAJOR, "1.3.0"),
    ],
)
def test_a_release_has_a_larger_version_even_without_changes(
    old: str, bump: Bump, least: str
) -> None:
    assert str(compute_least(Version.parse(old), bump)) == least


@pytest.mark.parametrize(
    ("new", "old", "refused"),
    [
        ("0.2.0", "0.1.0", False),
        ("0.2.0-rc.1", "0.1.0", False),
        ("1.0.0", "0.1.0", False),
        ("0.2.0", "0.2.0-rc.1", False),
        ("0.2.0-rc.2", "0.2.0-rc.1", False),
        ("0.2.0-rc.1", "0.2.0-rc.1", True),
        ("0.1.1", "0.1.0", True),
        ("0.1.1-rc.1", "0.1.0", True),
        ("0.1.0", "0.1.0", True),
    ],
)
def test_refuses_a_version_that_is_too_small(new: str, old: str, refused: bool) -> None:
    versions = Version.parse(new), Version.parse(old)
    if not refused:
        check_version(*versions, Bump.MAJOR)
        return
    with pytest.raises(CarbonError, match=f"version {new} is too small"):
        check_version(*versions, Bump.MAJOR)


@pytest.mark.parametrize("text", ["1", "0.2", "v0.2.0", "0.2.0+build", "latest"])
def test_refuses_a_text_that_is_no_version(text: str) -> None:
    with pytest.raises(CarbonError, match="is not a version of a release"):
        parse_version(text)
