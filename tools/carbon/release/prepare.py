"""Prepares a release: writes its version, its changelog and its annotations into the checkout."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from semver import Version

from carbon.charts.discovery import find_charts
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.release.changelog import CHANGES, add_section, build_changes, list_notes
from carbon.upgrade.findings import Finding

CHANGELOG = "CHANGELOG.md"
_CHANGES = re.compile(rf"^  {re.escape(CHANGES)}: \|\n(?:    .*\n|\n)*", re.M)


def write_release(
    checkout: Path, version: Version, since: Version, findings: Sequence[Finding], day: date
) -> list[Path]:
    """Write a release's version, changelog and annotations; return the files that changed.

    Args:
        checkout: the checkout.
        version: the version of the release.
        since: the release before.
        findings: what the upgrade check finds between both.
        day: the day of the release.

    Raises:
        CarbonError: a file lacks the place for what is written.
    """
    changelog = checkout / CHANGELOG
    text = changelog.read_text("utf-8") if changelog.exists() else "# Changelog\n\n## Unreleased\n"
    notes = list_notes(text, str(version))
    files = {changelog: add_section(text, str(version), day, str(since), findings)}
    for chart in find_charts(checkout):
        path = chart.folder / "Chart.yaml"
        changes = build_changes(chart.name, str(since), notes, findings)
        content = set_version(path.read_text("utf-8"), str(version))
        files[path] = set_changes(content, changes, format_path(path))
    for path in checkout.glob("charts/*/tests/Chart.yaml"):
        files[path] = set_version(path.read_text("utf-8"), str(version))
    stale = [p for p, content in files.items() if not p.exists() or p.read_text() != content]
    for path in stale:
        path.write_text(files[path], "utf-8")
    return stale


def set_version(text: str, version: str) -> str:
    """Return the text of a Chart.yaml with a version of the chart and of its dependencies.

    The umbrella's appVersion is its version too.
    """
    old = re.search(r"^version: (.*)$", text, re.M)
    if old is None:
        return text
    stated = re.compile(rf"^( *(?:version|appVersion): )([\"']?){re.escape(old[1])}\2$", re.M)
    return stated.sub(rf"\g<1>\g<2>{version}\g<2>", text)


def set_changes(text: str, changes: str, name: str) -> str:
    """Return the text of a Chart.yaml with the changes of a release in its annotations.

    Args:
        text: the text; its last key is `annotations`.
        changes: YAML of the annotation; an empty text removes the annotation.
        name: the file's path, for messages.

    Raises:
        CarbonError: the last key of the text is another.
    """
    rest = _CHANGES.sub("", text)
    if not re.search(r"^annotations:\n(?: .*\n)+\Z", rest, re.M):
        raise CarbonError(
            f"{name}: the last key is not annotations", "Move annotations to the end of the file."
        )
    lines = "".join(f"    {line}\n" for line in changes.splitlines())
    return f"{rest}  {CHANGES}: |\n{lines}" if changes else rest
