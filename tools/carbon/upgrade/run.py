"""Runs an upgrade check: renders every case with both versions and runs the rules."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from time import monotonic

from carbon import externals
from carbon.charts.discovery import read_chart
from carbon.charts.render import Object, Render, run_template
from carbon.check.engine.cache import open_cache
from carbon.check.engine.digests import combine, hash_file, hash_render_inputs, hash_tree
from carbon.check.engine.workers import start_workers
from carbon.check.render.apis import CRDS, list_apis
from carbon.check.render.objects import list_objects
from carbon.check.trees import iterate_texts
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.upgrade.cases import Case, adapt_values, list_cases
from carbon.upgrade.comparison import Comparison
from carbon.upgrade.findings import Finding, from_dict, merge_findings
from carbon.upgrade.refusals import report_new_values, report_refused
from carbon.upgrade.rules import run_rules
from carbon.upgrade.sides import Side

Progress = Callable[[int, int, str], None]
"""Called after each case with: cases done, all cases, the case's name."""
NEWEST = "1.37"


@dataclass
class Report:
    """The findings about an upgrade."""

    old: Side
    new: Side
    findings: list[Finding] = field(default_factory=list)
    cases: int = 0
    reused: int = 0
    """Number of cases whose findings come from the cache."""
    seconds: float = 0.0


def check_upgrade(old: Side, new: Side, minor: str, progress: Progress) -> Report:
    """Return the findings about an upgrade between two versions of the charts."""
    start = monotonic()
    cases = list_cases(old, new)
    keys = {_hash_case(case, minor): case for case in cases}
    store = open_cache()
    found = store.get(keys)
    report = Report(old, new, cases=len(cases), reused=len(found))
    todo = {key: case for key, case in keys.items() if key not in found}
    if todo:
        externals.ensure_built(["helm-many"])
        with start_workers() as pool:
            jobs = {key: pool.submit(examine_case, case, minor) for key, case in todo.items()}
            for done, (key, job) in enumerate(jobs.items(), 1):
                found[key] = [finding.to_dict() for finding in job.result()]
                store.put({key: found[key]})
                progress(done, len(todo), str(todo[key]))
    store.mark_used(found)
    ordered = [from_dict(each) for key in keys for each in found[key]]
    report.findings = merge_findings(ordered)
    report.seconds = monotonic() - start
    return report


@cache
def _hash_code() -> str:
    carbon = Path(__file__).parents[1]
    folders = carbon / "upgrade", carbon / "charts", carbon / "check", ROOT / "schemas" / "upgrade"
    program = externals.table()["helm-many"].digest
    return combine([*map(hash_tree, folders), hash_tree(CRDS), program])


def _hash_case(case: Case, minor: str) -> str:
    charts = (hash_render_inputs(read_chart(folder)) for folder in (case.old, case.new))
    values = hash_file(case.values) if case.values else ""
    return combine(["upgrade", _hash_code(), minor, *charts, case.chart, case.values, values])


def examine_case(case: Case, minor: str = NEWEST) -> list[Finding]:
    """Render a case with both versions and return the findings of all rules."""
    found = _compare(case, minor)
    return [replace(each, chart=case.chart, cases=(str(case),)) for each in found]


def _compare(case: Case, minor: str) -> list[Finding]:
    try:
        values = adapt_values(case, read_chart(case.old))
        old = render_side(case, case.old, values, minor)
    except CarbonError as refused:
        return [report_new_values(case.chart, refused.what)]
    try:
        new = render_side(case, case.new, values, minor, upgrade=True)
    except CarbonError as refused:
        return list(report_refused(case.chart, refused.what))
    texts = frozenset(text for path in values for text in iterate_texts(read_yaml(path)))
    return run_rules(Comparison(case.chart, tuple(old), tuple(new), minor, texts))


def render_side(
    case: Case, chart: Path, values: tuple[Path, ...], minor: str, upgrade: bool = False
) -> list[Object]:
    """Return the objects that one version of a chart renders.

    Raises:
        CarbonError: Helm or the chart refuses the values, or a template renders no YAML.
    """
    render = Render(
        chart,
        values,
        release=case.release,
        kubernetes=f"{minor}.0",
        apis=list_apis(),
        upgrade=upgrade,
    )
    try:
        return [obj.body for obj in list_objects(run_template(render).documents)]
    except ValueError as wrong:
        raise CarbonError(f"{render}: Helm prints invalid YAML: {wrong}") from wrong
