"""Versions of releases. All charts of a release have the same version."""

from collections.abc import Iterable
from pathlib import Path

from semver import Version

from carbon.charts.discovery import Chart, find_charts
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.upgrade.findings import Bump
from carbon.upgrade.versions import raise_version


def parse_version(text: str) -> Version:
    """Return a semantic version.

    Raises:
        CarbonError: the text is none, or has a build suffix, which a tag of a registry can't hold.
    """
    if not Version.is_valid(text) or "+" in text:
        raise CarbonError(
            f"{text!r} is not a version of a release",
            "Write three numbers, such as 0.2.0, or a pre-release, such as 0.2.0-rc.1.",
        )
    return Version.parse(text)


def read_version(checkout: Path) -> Version:
    """Return the version of all charts of a checkout.

    Raises:
        CarbonError: two charts, or a chart and a dependency on it, have different versions.
    """
    charts = find_charts(checkout)
    stated = {
        chart.folder / "Chart.yaml": [str(chart.meta.get("version")), *_list_dependencies(chart)]
        for chart in charts
    }
    versions = {version for listed in stated.values() for version in listed}
    if len(versions) != 1:
        umbrella = str(charts[-1].meta.get("version"))
        others = [format_path(path) for path, listed in stated.items() if {*listed} != {umbrella}]
        raise CarbonError(
            f"the charts have different versions: {', '.join(sorted(versions))}; see "
            f"{', '.join(others or [format_path(charts[-1].folder / 'Chart.yaml')])}",
            "Give all charts and dependencies one version: carbon release prepare VERSION",
        )
    return parse_version(versions.pop())


def _list_dependencies(chart: Chart) -> Iterable[str]:
    return (str(row.get("version")) for row in chart.meta.get("dependencies") or [])


def compute_least(old: Version, bump: Bump) -> Version:
    """Return the least version after another for a change that needs a bump.

    After a pre-release it is the release itself. A release has a larger version than the last one,
    even if nothing changed.
    """
    if old.prerelease:
        return old.finalize_version()
    return Version.parse(raise_version(str(old), max(bump, Bump.PATCH)))


def check_version(new: Version, old: Version, bump: Bump) -> None:
    """Check that a version is large enough after another for a change that needs a bump.

    Raises:
        CarbonError: the version is too small.
    """
    least = compute_least(old, bump)
    if new <= old or new.finalize_version() < least:
        raise CarbonError(
            f"version {new} is too small: the changes since {old} need at least {least}",
            f"Run `carbon upgrade-check {old}` to see them, then: carbon release prepare {least}",
        )
