"""The rollback contract: the revisions of the data that each version of the charts declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from carbon.charts.discovery import Chart
from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.home import ROOT
from carbon.upgrade.findings import Finding, Severity

TABLE = ROOT / "schemas" / "upgrade" / "data.yaml"
"""The table of the data that outlives an upgrade."""
ANNOTATION = "254carbon.com/schemaRevision"
"""The annotation of Chart.yaml with the revisions, such as `feast-registry=1, feast-sink=2`."""


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


def read_revisions(chart: Chart) -> dict[str, int]:
    """Return the revision of each data of a chart, from Chart.yaml or the table of old releases.

    Raises:
        CarbonError: the annotation is invalid.
    """
    text = (chart.meta.get("annotations") or {}).get(ANNOTATION)
    if text is None:
        version = str(chart.meta.get("version"))
        rows = [row for row in read_data().values() if row.chart == chart.name]
        return {row.name: row.releases.get(version, 0) for row in rows}
    return _parse(chart, str(text))


def _parse(chart: Chart, text: str) -> dict[str, int]:
    found = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = entry.partition("=")
        if not number.isdecimal():
            raise CarbonError(
                f"{format_path(chart.folder / 'Chart.yaml')}: {ANNOTATION}: {entry} is invalid",
                "Write NAME=REVISION with a whole number, several separated by commas.",
            )
        found[name] = int(number)
    return found


def compare_revisions(old: Chart, new: Chart) -> Iterator[Finding]:
    """Yield each data whose revision rises, and each that the new version does not read.

    The second is a rollback: `carbon upgrade-check --reverse` swaps the versions.
    """
    before, after = read_revisions(old), read_revisions(new)
    for name, revision in before.items():
        row = read_data().get(name)
        about = row.about if row else name
        other = after.get(name, 0)
        if other > revision:
            first = f"Make a backup before the upgrade. {row.before}".strip() if row else ""
            yield Finding(
                "data/revision",
                Severity.PERSON,
                new.name,
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
                new.name,
                ("annotations", ANNOTATION, name),
                f"goes back to an earlier revision of its data: {about}",
                "The earlier version does not know the revision that the data has now.",
                row.back if row else "Restore the backup that was made before the upgrade.",
                revision,
                other,
            )
