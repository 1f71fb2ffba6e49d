"""The findings about a chart as a whole: its values, templates, requirements and data."""

from collections.abc import Iterator

from carbon.charts.discovery import Chart
from carbon.upgrade.contract import compare_revisions, read_revisions
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.sides import Side
from carbon.upgrade.templates import compare_templates
from carbon.upgrade.values.compare import (
    compare_checks,
    compare_defaults,
    compare_schemas,
    find_reuse_problems,
)


def compare_charts(old: Chart, new: Chart, release: str, reverse: bool) -> Iterator[Finding]:
    """Yield the findings about one chart in both versions.

    A rollback applies the objects that Helm stored: it reads no schema, default or template.
    """
    yield from compare_revisions(new.name, read_revisions(old), read_revisions(new))
    if not reverse:
        yield from compare_schemas(old, new)
        yield from compare_checks(old, new)
        yield from compare_defaults(old, new)
        yield from compare_templates(new.name, old.folder, new.folder)
        yield from compare_requirements(old, new)
        yield from find_reuse_problems(old, new, release)


def compare_requirements(old: Chart, new: Chart) -> Iterator[Finding]:
    """Yield a finding if the new version needs another Kubernetes."""
    before, after = (str(chart.meta.get("kubeVersion", "")) for chart in (old, new))
    if after and before != after:
        yield Finding(
            "chart/kubernetes",
            Severity.PERSON,
            new.name,
            ("kubeVersion",),
            "needs another version of Kubernetes",
            "Helm refuses the upgrade on a cluster of another version.",
            "Upgrade the cluster first.",
            before or None,
            after,
        )


def compare_contents(old: Side, new: Side) -> Iterator[Finding]:
    """Yield a finding for each chart that only one version contains."""
    before, after = old.list_charts(), new.list_charts()
    for name in sorted(before.keys() - after.keys()):
        yield Finding(
            "chart/removed",
            Severity.BREAKING,
            name,
            (),
            "is no longer contained in the release",
            "Helm deletes its objects.",
            "Keep the chart, or document how to move its data and its users.",
            chart=name,
        )
    for name in sorted(after.keys() - before.keys()):
        yield Finding(
            "chart/added",
            Severity.NOTE,
            name,
            (),
            "is a new chart",
            "Its objects are created if its condition is true.",
            chart=name,
        )
