"""Runs an upgrade check: renders every case with both versions and runs the rules."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from time import monotonic

from carbon import externals
from carbon.charts.discovery import read_chart
from carbon.charts.render import Object, Render, run_template
from carbon.check.engine.cache import open_cache
from carbon.check.engine.cases import RELEASE
from carbon.check.engine.digests import combine, hash_file, hash_render_inputs, hash_tree
from carbon.check.engine.workers import start_workers
from carbon.check.render.apis import CRDS, list_apis
from carbon.check.render.objects import list_objects
from carbon.check.trees import iterate_texts
from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT
from carbon.upgrade.cases import Case, adapt_values, list_cases
from carbon.upgrade.charts import compare_charts, compare_contents
from carbon.upgrade.findings import Finding, from_dict, merge_findings
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import run_rules
from carbon.upgrade.sides import Side
from carbon.upgrade.values.refusals import report_new_values, report_refused

Progress = Callable[[int, int, str], None]
"""Called after each case with: cases done, all cases, the case's name."""
Rendered = Mapping[tuple[Path, ...], list[Object]]
"""Objects of the new version that are rendered already, by their values files."""
NEWEST = "1.37"


@dataclass
class Report:
    """The findings about an upgrade, or about a rollback."""

    old: Side
    new: Side
    reverse: bool = False
    """True for a rollback: `old` is the newer version."""
    findings: list[Finding] = field(default_factory=list)
    cases: int = 0
    reused: int = 0
    """Number of cases whose findings come from the cache."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Task:
    """A comparison that a worker process runs, and the hash of its inputs."""

    key: str
    chart: str
    label: str
    call: Callable[..., list[Finding]]
    args: tuple[object, ...]


def check_upgrade(
    old: Side,
    new: Side,
    minor: str = NEWEST,
    progress: Progress = lambda *_: None,
    reverse: bool = False,
    charts: Collection[str] = (),
) -> Report:
    """Return the findings about an upgrade between two versions of the charts.

    With `reverse` it is a rollback from `old`, the newer version, to `new`. `charts` are the names
    of the charts to compare; all charts if there are none.
    """
    start = monotonic()
    tasks = plan_tasks(old, new, minor, reverse, charts)
    store = open_cache()
    found = store.get(task.key for task in tasks)
    report = Report(old, new, reverse, cases=len(tasks), reused=len(found))
    if todo := [task for task in tasks if task.key not in found]:
        externals.ensure_built(["helm-many"])
        with start_workers() as pool:
            jobs = [(task, pool.submit(task.call, *task.args)) for task in todo]
            for done, (task, job) in enumerate(jobs, 1):
                found[task.key] = [finding.to_dict() for finding in job.result()]
                store.put({task.key: found[task.key]})
                progress(done, len(todo), task.label)
    store.mark_used(found)
    listed = [from_dict(each) for task in tasks for each in found[task.key]]
    report.findings = merge_findings([*compare_contents(old, new), *listed])
    report.seconds = monotonic() - start
    return report


def plan_tasks(
    old: Side, new: Side, minor: str = NEWEST, reverse: bool = False, charts: Collection[str] = ()
) -> list[Task]:
    """Return the comparisons of an upgrade or a rollback, of some charts or of all."""
    tasks = (*_plan_cases(old, new, minor, reverse), *_plan_charts(old, new, reverse))
    return [task for task in tasks if not charts or task.chart in charts]


def store_findings(task: Task, *more: object) -> None:
    """Run a comparison and store its findings in the cache, if they are not there.

    `more` are further arguments of the call, on which the findings do not depend.
    """
    store = open_cache()
    if not store.get([task.key]):
        store.put({task.key: [finding.to_dict() for finding in task.call(*task.args, *more)]})


def _plan_cases(old: Side, new: Side, minor: str, reverse: bool) -> Iterator[Task]:
    for case in list_cases(old, new, reverse):
        charts = (hash_render_inputs(read_chart(folder)) for folder in (case.old, case.new))
        values = hash_file(case.values) if case.values else ""
        key = combine(["upgrade", _hash_code(), minor, *charts, case.chart, case.values, values])
        yield Task(key, case.chart, str(case), examine_case, (case, minor))


def _plan_charts(old: Side, new: Side, reverse: bool) -> Iterator[Task]:
    before, after = old.list_charts(), new.list_charts()
    for name in after:
        if name in before:
            pair = before[name], after[name]
            key = combine(["charts", _hash_code(), reverse, *map(hash_render_inputs, pair)])
            folders = tuple(chart.folder for chart in pair)
            yield Task(key, name, name, examine_charts, (*folders, reverse))


def examine_charts(old: Path, new: Path, reverse: bool = False) -> list[Finding]:
    """Return the findings about a chart as a whole."""
    before, after = read_chart(old), read_chart(new)
    found = compare_charts(before, after, RELEASE, reverse)
    return [replace(each, chart=after.name) for each in found]


@cache
def _hash_code() -> str:
    carbon = Path(__file__).parents[1]
    folders = carbon / "upgrade", carbon / "charts", carbon / "check", ROOT / "schemas" / "upgrade"
    program = externals.table()["helm-many"].digest
    return combine([*map(hash_tree, folders), hash_tree(CRDS), program])


def examine_case(
    case: Case, minor: str = NEWEST, rendered: Rendered | None = None
) -> list[Finding]:
    """Render a case with both versions and return the findings of all rules."""
    found = render_case(case, minor, rendered)
    found = found if isinstance(found, list) else run_rules(found)
    return [replace(each, chart=case.chart, cases=(str(case),)) for each in found]


def render_case(
    case: Case, minor: str = NEWEST, rendered: Rendered | None = None
) -> Comparison | list[Finding]:
    """Return the objects of both versions, or the findings if a version refuses the values."""
    chart = read_chart(case.old)
    try:
        values = adapt_values(case, chart)
        old = _render_old(hash_render_inputs(chart), replace(case, new=case.old), values, minor)
    except CarbonError as refused:
        return [report_new_values(case.chart, refused.what, not case.values)]
    try:
        known = (rendered or {}).get(values)
        new = known or render_side(case, case.new, values, minor, upgrade=True)
    except CarbonError as refused:
        return list(report_refused(case.chart, refused.what))
    texts = frozenset(text for path in values for text in iterate_texts(read_yaml(path)))
    return Comparison(case.chart, tuple(old), tuple(new), minor, texts)


@cache
def _render_old(_digest: str, case: Case, values: tuple[Path, ...], minor: str) -> list[Object]:
    """Return the objects of the old version; one process may compare it with several new ones."""
    return render_side(case, case.old, values, minor)


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
