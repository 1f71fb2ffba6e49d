"""The task that locates the causes of findings in one chart with one set of values files."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from carbon.charts.discovery import read_chart
from carbon.charts.kubernetes import MINORS
from carbon.charts.render import Render
from carbon.check.causes.copies import Copies
from carbon.check.causes.locate import Cause, Locator
from carbon.check.engine.cases import NAMESPACE, Case
from carbon.check.engine.checkout import read_render_values
from carbon.check.findings import RULES, Finding
from carbon.check.render.apis import list_apis
from carbon.check.render.objects import RenderedChart, RenderedObject
from carbon.errors import CarbonError

Wrong = dict[str, set[str]]
"""The objects, as Kind/name, about which each rule reports."""


def locate_causes(case: Case, findings: list[Finding], wrong: Wrong) -> list[Cause | None]:
    """Return the cause of each finding of a case; None for a finding whose cause is not known."""
    chart = read_chart(case.chart)
    minor = (case.minors or MINORS)[-1]
    render = Render(
        case.chart,
        case.values,
        release=case.release,
        namespace=NAMESPACE,
        kubernetes=f"{minor}.0",
        apis=list_apis(),
    )
    try:
        values = read_render_values(chart, case.values)
        copies = Copies(chart, render)
        whole = RenderedChart(
            name=case.name,
            objects=tuple(copies.base.values()),
            values=values,
            is_default=not case.values,
            is_umbrella=case.umbrella,
        )
        report = partial(_report, whole)
        locator = Locator(chart, copies, values, case.values, report)
        return [locator.locate(each, wrong[each.rule]) for each in findings]
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


def _report(chart: RenderedChart, rule: str, objects: Mapping[str, RenderedObject]) -> set[str]:
    """Return the objects (Kind/name) that a rule reports; all objects without `examine`."""
    examine = RULES[rule].examine if rule in RULES else None
    if examine is None:
        return set(objects)
    found = examine(replace(chart, objects=tuple(objects.values())))
    return {violation.object.workload for violation in found}
