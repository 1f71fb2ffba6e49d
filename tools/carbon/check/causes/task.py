"""The task that locates the causes of findings in one chart with one set of values files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from carbon.charts.discovery import read_chart
from carbon.charts.kubernetes import MINORS
from carbon.charts.render import Render
from carbon.check.causes.copies import Copies
from carbon.check.causes.locate import Cause, Locator, strip_hash
from carbon.check.engine.cases import HOSTILE, NAMESPACE, Case
from carbon.check.engine.checkout import Checkout, read_given_values, read_render_values
from carbon.check.engine.digests import list_files
from carbon.check.findings import RULES, Finding
from carbon.check.render.apis import list_apis
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.check.reverts.cases import Reverts
from carbon.check.reverts.changes import Change
from carbon.check.sources.generated import is_dashboard
from carbon.errors import CarbonError

Wrong = dict[str, set[str]]
"""The objects, as Kind/name, about which each rule reports."""


def locate_causes(
    root: Path, case: Case, findings: list[Finding], wrong: Wrong, changes: Sequence[Change] = ()
) -> list[Cause | None]:
    """Return the cause of each finding of a case; None for a finding whose cause is not known.

    A change of the checkout that alone causes a finding is the cause.
    """
    try:
        return list(_locate(root, case, findings, wrong, _select(case, changes)))
    except (
        CarbonError,
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):
        return [None] * len(findings)


def _locate(
    root: Path, case: Case, findings: list[Finding], wrong: Wrong, changes: Sequence[Change]
) -> Iterator[Cause | None]:
    chart = read_chart(case.chart)
    values = read_render_values(chart, case.values)
    rows = Checkout(root).rows(chart) if case.ours else ()

    @cache
    def prepare(release: str) -> tuple[Copies, Locator, Reverts]:
        render = Render(
            case.chart,
            case.values,
            sets=chart.without_subcharts if case.hostile and case.umbrella else (),
            release=release,
            namespace=NAMESPACE,
            kubernetes=f"{(case.minors or MINORS)[-1]}.0",
            apis=list_apis(),
        )
        copies = Copies(chart, render)
        whole = RenderedChart(
            name=case.name,
            objects=tuple(copies.base.values()),
            release=release,
            namespace=NAMESPACE,
            values=values,
            given=read_given_values(case.values),
            components=rows,
            is_default=not case.values,
            is_umbrella=case.umbrella,
        )
        report = partial(_report, whole)
        locator = Locator(chart, copies, values, case.values, report)
        return copies, locator, Reverts(copies, changes, report)

    for each in findings:
        for release in HOSTILE if case.hostile else (case.release,):
            copies, locator, reverts = prepare(release)
            if strip_hash(each.subject) in copies.base:
                break
        change = reverts.find(each) or _find_only(each, changes)
        if change is not None and is_dashboard(change.file):
            source = change.file.with_suffix(".yaml")
            if any(other.file == source for other in changes):
                yield None  # the finding names a line of the source
                continue
        if change is None or len(change.lines) > 1:
            own = locator.locate(each, wrong[each.rule])
            if change is None or (own and (own.file, own.line) in change):
                yield own
                continue
        yield Cause(change.file, change.line)


def _find_only(finding: Finding, changes: Sequence[Change]) -> Change | None:
    """Return the only change of the checkout, if the finding's rule can't examine other renders."""
    known = finding.rule in RULES and RULES[finding.rule].examine is not None
    return changes[0] if len(changes) == 1 and not known else None


def _select(case: Case, changes: Sequence[Change]) -> list[Change]:
    """Return the changes of files that a case is rendered from."""
    files = {path.resolve() for path in (*list_files(case.chart), *case.values)}
    return [each for each in changes if each.file in files]


def _report(
    chart: RenderedChart, rule: str, objects: Mapping[str, RenderedObject], values: Any = None
) -> set[str]:
    """Return the objects (Kind/name) that a rule reports; all if the rule has no `examine`."""
    examine = RULES[rule].examine if rule in RULES else None
    if examine is None:
        return set(objects)
    values = chart.values if values is None else values
    found = examine(replace(chart, objects=tuple(objects.values()), values=values))
    return {violation.object.workload for violation in found}
