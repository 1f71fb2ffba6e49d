"""The tasks of a check: what is run for each chart, and the hash each result is kept under."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from carbon import externals
from carbon.charts.discovery import Chart
from carbon.check import deep, described, examine, keys, suites, unittests
from carbon.check.cases import Case, cases
from carbon.check.components import TABLE
from carbon.check.digests import OF_TESTS, combined, of_file, of_tree
from carbon.check.result import Result
from carbon.check.site import CRDS, Site, input_digest, whole_digest

HERE = Path(__file__).parent
PARTS = 8
"""Tasks that share the keys of one schema."""
DRAWING = {"rendering", "kubernetes", "properties", "argo", "published"}
"""The checks for which charts are rendered."""
NOT_TOLD = OF_TESTS | {"templates"}
"""Folders of a chart that no generated file depends on."""


@dataclass(frozen=True)
class Task:
    """One piece of work that another process can do."""

    chart: str
    label: str
    key: str
    call: Callable[..., Result]
    args: tuple[object, ...]
    weight: int = 1
    """About how many times a render it takes; the longest go first."""


@cache
def _code() -> str:
    """The hash of the tool itself, as far as results depend on it."""
    charts = HERE.parent / "charts"
    return combined([of_tree(HERE), of_tree(charts), *_programs("helm-many", "helm3")])


def _programs(*names: str) -> Iterator[str]:
    yield from (externals.table()[name].digest for name in names)


def tasks(site: Site, charts: Collection[Chart], checks: Collection[str]) -> list[Task]:
    """All tasks for some charts and checks, the longest first."""
    found: list[Task] = []
    for chart in charts:
        if DRAWING & set(checks):
            found += (_case(site, chart, case) for case in cases(site, chart))
        if {"schemas", "argo"} & set(checks):
            found += _sources(site, chart)
        if "suites" in checks:
            found += _suites(site, chart)
    if "schemas" in checks and site.is_house and any(site.is_ours(c) for c in charts):
        found.append(_generated(site))
    return sorted(found, key=lambda task: -task.weight)


def _case(site: Site, chart: Chart, case: Case) -> Task:
    schema = site.schema(chart)
    known = (site.root, case, input_digest(chart), *map(of_file, case.values), of_file(schema))
    table = of_file(site.root / TABLE)
    key = combined(["case", _code(), *known, table, of_tree(CRDS)])
    weight = (7 if case.hostile else 3) * (2 if chart.is_umbrella else 1)
    return Task(chart.name, str(case), key, examine.examined, (site.root, case), weight)


def _sources(site: Site, chart: Chart) -> Iterator[Task]:
    given = [_code(), site.root, chart.folder, site.is_ours(chart)]
    args = (site.root, chart.folder)
    key = combined(["templates", *given, keys.digest(chart)])
    yield Task(chart.name, "templates", key, keys.examined, args)
    if (chart.folder / "values.schema.json").exists():
        key = combined(["schema", *given, described.digest(chart)])
        yield Task(chart.name, "schema", key, described.examined, args)


def _suites(site: Site, chart: Chart) -> Iterator[Task]:
    args = (site.root, chart.folder)
    given = [_code(), site.root, chart.folder]
    for path, digest in unittests.tests(chart).items():
        key = combined(["unittest", *given, path, digest, *_programs("helm-unittest")])
        label = f"helm-unittest {path.stem.removesuffix('_test')}"
        yield Task(chart.name, label, key, unittests.unittest, (*args, path), 4)
    if suites.has_alerts(chart):
        key = combined(["promtool", *given, whole_digest(chart), *_programs("promtool")])
        yield Task(chart.name, "promtool", key, suites.alerts, args, 4)
    more = (of_file(site.root / "ct.yaml"), *_programs("chart-testing", "helm"))
    key = combined(["lint", *given, suites.linted_digest(chart), *more])
    weight = 2 + len(chart.ci_values())
    yield Task(chart.name, "ct lint", key, suites.lint, args, weight)


def _generated(site: Site) -> Task:
    folders = [of_tree(chart.folder.resolve(), NOT_TOLD) for chart in site.charts]
    key = combined(["generated", _code(), site.root, *folders, of_tree(site.root / "schemas")])
    return Task("", "generated files", key, described.generated, (site.root,), 8)


def deep_tasks(site: Site, charts: Collection[Chart], sets: int) -> Iterator[Task]:
    """The tasks of `--deep`: values by chance, and every key of the schemas."""
    for chart in charts:
        if chart.is_library or not (chart.folder / "values.schema.json").exists():
            continue
        given = [_code(), site.root, chart.folder, whole_digest(chart), of_tree(CRDS)]
        for seed in range(-(-sets // deep.AT_ONCE)):
            key = combined(["deep", *given, seed])
            args = (site.root, chart.folder, seed)
            yield Task(chart.name, f"values {seed}", key, deep.tried, args, deep.AT_ONCE)
        for part in range(PARTS if site.is_ours(chart) and not chart.is_umbrella else 0):
            key = combined(["matters", *given, part])
            which = (site.root, chart.folder, part, PARTS)
            yield Task(chart.name, f"keys {part}", key, deep.mattering, which, deep.AT_ONCE)
