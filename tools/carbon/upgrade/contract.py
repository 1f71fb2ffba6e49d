"""The rollback contract: the revisions of the data that each version of the charts declares."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import Any

from carbon.charts.discovery import Chart
from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.home import ROOT
from carbon.release.index import PLATFORM
from carbon.upgrade.findings import Finding, Severity

TABLE = ROOT / "schemas" / "upgrade" / "data.yaml"
"""The table of the data that outlives an upgrade."""
ANNOTATION = "254carbon.com/schemaRevision"
"""The annotation of Chart.yaml with the revisions, such as `feast-registry=1, feast-sink=2`."""
RELEASED = "254carbon.com/schemaRevisions"
"""The annotation of the umbrella's Chart.yaml with the revisions of all charts.

With a release, Helm stores the Chart.yaml of the installed chart, but not those of its subcharts.
"""
UNKNOWN = ""
"""What stands for the chart of data that the table does not list."""
_RELEASED = re.compile(rf"^  {re.escape(RELEASED)}:.*\n(?:    .*\n)*", re.M)
_ANNOTATIONS = "annotations:\n"

Revisions = dict[str, int]
"""Name of the data -> its revision."""


@dataclass(frozen=True)
class Data:
    """A row of the table: data that outlives an upgrade."""

    name: str
    chart: str
    about: str
    severity: Severity
    """Severity of a rollback to a lower revision."""
    before: str
    """What to do before an upgrade to a higher revision, beside a backup."""
    back: str
    """What to do in place of a rollback."""
    images: dict[str, dict[str, int]]
    releases: dict[str, int]
    """Revision in releases whose charts declare none."""


@cache
def read_data() -> dict[str, Data]:
    """Return the rows of the table by name."""
    return {name: _read_row(name, row) for name, row in read_yaml(TABLE).items()}


def _read_row(name: str, row: dict[str, Any]) -> Data:
    return Data(
        name,
        row["chart"],
        " ".join(row["about"].split()),
        Severity(row["severity"]),
        " ".join(row.get("before", "").split()),
        " ".join(row["back"].split()),
        row.get("images", {}),
        row.get("releases", {}),
    )


def read_revisions(chart: Chart) -> Revisions:
    """Return the revision of each data of a chart, from Chart.yaml or the table of old releases.

    Raises:
        CarbonError: the annotation is invalid.
    """
    text = (chart.meta.get("annotations") or {}).get(ANNOTATION)
    if text is None:
        version = str(chart.meta.get("version"))
        rows = [row for row in read_data().values() if row.chart == chart.name]
        return {row.name: row.releases.get(version, 0) for row in rows}
    return _parse(format_path(chart.folder / "Chart.yaml"), ANNOTATION, str(text))


def read_installed_revisions(meta: Mapping[str, Any]) -> Revisions:
    """Return the revision of each data of an installed release.

    `meta` is the Chart.yaml that Helm stored. There are no revisions for a chart without these
    annotations that is no release of this project.

    Raises:
        CarbonError: an annotation is invalid.
    """
    name, version = str(meta.get("name")), str(meta.get("version"))
    annotations = meta.get("annotations") or {}
    for key in (RELEASED, ANNOTATION):
        if key in annotations:
            return _parse(f"the installed chart {name} {version}", key, str(annotations[key]))
    rows = (row for row in read_data().values() if name in (PLATFORM, row.chart))
    return {row.name: row.releases[version] for row in rows if version in row.releases}


def group_by_chart(revisions: Revisions) -> dict[str, Revisions]:
    """Return revisions by the chart of the data; `UNKNOWN` has those that the table lacks."""
    grouped: dict[str, Revisions] = {}
    for name, revision in revisions.items():
        row = read_data().get(name)
        grouped.setdefault(row.chart if row else UNKNOWN, {})[name] = revision
    return grouped


def fill_revisions(text: str, charts: Iterable[Chart]) -> str:
    """Return the text of the umbrella's Chart.yaml with the revisions of all charts.

    Raises:
        CarbonError: an annotation of a chart is invalid, or the text has no annotations.
    """
    found = {name: number for chart in charts for name, number in read_revisions(chart).items()}
    listed = ", ".join(f"{name}={number}" for name, number in sorted(found.items()))
    lines = wrap(listed, 110, initial_indent="    ", subsequent_indent="    ")
    written = "\n".join([f"  {RELEASED}: >-", *lines, ""])
    rest = _RELEASED.sub("", text)
    if _ANNOTATIONS not in rest:
        raise CarbonError("umbrella/Chart.yaml has no annotations", "Write the key annotations.")
    return rest.replace(_ANNOTATIONS, _ANNOTATIONS + written, 1)


def _parse(where: str, key: str, text: str) -> Revisions:
    found = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = entry.partition("=")
        if not number.isdecimal():
            raise CarbonError(
                f"{where}: {key}: {entry} is invalid",
                "Write NAME=REVISION with a whole number, several separated by commas.",
            )
        found[name] = int(number)
    return found


def compare_revisions(chart: str, before: Revisions, after: Revisions) -> Iterator[Finding]:
    """Yield each data of a chart whose revision rises, and each that the new version does not read.

    The second is a rollback: `carbon upgrade-check --reverse` swaps the versions.
    """
    for name, revision in before.items():
        row = read_data().get(name)
        about = row.about if row else name
        other = after.get(name, 0)
        if other > revision:
            first = f"Make a backup before the upgrade. {row.before}".strip() if row else ""
            yield Finding(
                "data/revision",
                Severity.PERSON,
                chart,
                ("annotations", ANNOTATION, name),
                f"writes another revision of its data: {about}",
                "The old version may not read the data afterwards: a rollback has conditions.",
                f"{first} To go back: {row.back}" if row else "",
                revision,
                other,
            )
        elif other < revision:
            yield Finding(
                "data/rollback",
                row.severity if row else Severity.BREAKING,
                chart,
                ("annotations", ANNOTATION, name),
                f"goes back to an earlier revision of its data: {about}",
                "The earlier version does not know the revision that the data has now.",
                row.back if row else "Restore the backup that was made before the upgrade.",
                revision,
                other,
            )
