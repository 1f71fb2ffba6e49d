"""The revisions of the data of both versions, of which one may be an installed release."""

from collections.abc import Collection, Iterable, Iterator

from carbon.charts.render import Object
from carbon.upgrade.contract import (
    UNKNOWN,
    Revisions,
    compare_revisions,
    group_by_chart,
    read_data,
    read_revisions,
)
from carbon.upgrade.difference.live import Stored
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.sides import Side

_CHART = "helm.sh/chart"


def list_charts(objects: Iterable[Object]) -> set[str]:
    """Return the names of the charts that rendered some objects, by the label helm.sh/chart."""
    labels = (((body.get("metadata") or {}).get("labels") or {}) for body in objects)
    return {str(each[_CHART]).rpartition("-")[0] for each in labels if _CHART in each}


def group_revisions(source: Side | Stored) -> dict[str, Revisions]:
    """Return the revisions of the data of each chart of a version."""
    if isinstance(source, Stored):
        return group_by_chart(source.revisions)
    return {name: read_revisions(chart) for name, chart in source.list_charts().items()}


def compare_data(
    old: Side | Stored, new: Side | Stored, charts: Collection[str]
) -> Iterator[Finding]:
    """Yield the findings about the revisions of the data of some charts.

    Data that the table does not list belongs to a later version, so that it always counts.
    """
    before, after = group_revisions(old), group_revisions(new)
    for name in sorted({*charts} & before.keys() & after.keys()):
        yield from compare_revisions(name, before[name], after[name])
    yield from compare_revisions(old.label, before.get(UNKNOWN, {}), {})


def list_one_way(old: Stored, new: Side) -> list[Finding]:
    """Return the findings about data that a revision can't work with once a version changed it."""
    found = compare_data(old, new, list_charts(old.objects))
    raised = (each for each in found if each.rule == "data/revision")
    rows = ((each, read_data().get(each.path[-1])) for each in raised)
    return [each for each, row in rows if row is None or row.severity == Severity.BREAKING]


def list_rollbacks(old: Stored, new: Side) -> list[Finding]:
    """Return the findings about data of an installed release that a version does not read."""
    found = compare_data(old, new, list_charts(old.objects))
    return [each for each in found if each.rule == "data/rollback"]
