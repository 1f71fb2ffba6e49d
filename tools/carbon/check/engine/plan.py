"""Plans the tasks of a check for each chart.

A task has a hash of its inputs, under which the cache stores the result.
"""

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from carbon import externals
from carbon.charts.discovery import Chart
from carbon.charts.generate.schema import COMPILED, SOURCE
from carbon.check.engine.cases import Case, list_cases
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import (
    OF_TESTS,
    combine,
    hash_chart,
    hash_file,
    hash_render_inputs,
    hash_tree,
)
from carbon.check.engine.report import DEFAULT
from carbon.check.engine.result import Task
from carbon.check.monitoring import alert_files
from carbon.check.monitoring.metrics import METRICS
from carbon.check.programs import chart_testing, helm_unittest, promtool, pytest_suites
from carbon.check.random_values import key_effects, renders
from carbon.check.render.apis import CRDS
from carbon.check.rules.lifecycle import images
from carbon.check.sources import (
    chart_files,
    coverage,
    generated,
    schemas,
    selectors,
    servers,
    usage,
)
from carbon.check.sources.components import TABLE
from carbon.check.texts import descriptions, links, programs, words
from carbon.check.texts.values import schema_keys
from carbon.check.texts.values.check import check_values
from carbon.errors import CarbonError
from carbon.scaffold import rule
from carbon.upgrade import run as upgrade
from carbon.upgrade.summary import examine_and_compare, plan_comparisons, run_comparison

CHECK = Path(__file__).parents[1]
KEY_TASKS = 2
"""Number of tasks among which the keys of one schema are divided."""
SIZE = 2048
"""Number of bytes of values that lengthen a case by about the time of one render."""
RENDERING = {"rendering", "kubernetes", "properties", "argo", "published"}
"""The checks for which all cases are rendered."""
TABLES = (CRDS, METRICS)
"""Folders with the schemas of CRDs and the lists of metrics that rules read."""
TEXTS = {"words", "links", "documented programs"}
"""Tasks over all texts, which do not read charts."""
NOT_GENERATED_FROM = OF_TESTS | {"templates"}
"""Folders of a chart that no generated file depends on."""


@cache
def _hash_code() -> str:
    """Return the hash of the code of `carbon` on which results depend."""
    folders = CHECK, CHECK.parent / "charts", CHECK.parent / "mesh"
    return combine([*map(hash_tree, folders), *_hash_programs("helm-many", "helm3")])


def _hash_programs(*names: str) -> Iterator[str]:
    yield from (externals.table()[name].digest for name in names)


def plan_tasks(
    checkout: Checkout, charts: Collection[Chart], checks: Collection[str], whole: bool = True
) -> list[Task]:
    """Return all tasks for the given charts and checks, the longest first.

    `whole` is false if a chart has files that can't be read; the tasks that read all charts are
    then left out.
    """
    compares = checkout.is_house and set(checks) >= DEFAULT
    comparisons = _list_comparisons(checkout, charts) if compares else []
    alike = {each.label: each for each in comparisons}
    found = [_plan_comparison(each) for each in comparisons]
    for chart in charts:
        for case in list_cases(checkout, chart) if RENDERING & set(checks) else ():
            found.append(_plan_case(checkout, chart, case, alike.get(f"{chart.name}: {case}")))
        if {"schemas", "argo"} & set(checks):
            found += _plan_sources(checkout, chart)
        if "suites" in checks:
            found += _plan_suites(checkout, chart)
    if "suites" in checks and checkout.is_house:
        names = {chart.name for chart in charts}
        found += (task for task in _plan_pytest(checkout) if task.chart in names)
    if "schemas" in checks and has_documents(checkout, charts):
        found += (task for task in _plan_checkout(checkout) if whole or task.label in TEXTS)
    return sorted(found, key=lambda task: -task.weight)


def has_documents(checkout: Checkout, charts: Collection[Chart]) -> bool:
    """Return whether a check of these charts also checks the texts of the checkout.

    It does if one of the charts is this project's own, and if there are no charts because only
    texts have changed. The texts of another project's checkout are never checked.
    """
    return checkout.is_house and (not charts or any(map(checkout.is_ours, charts)))


def _plan_case(
    checkout: Checkout, chart: Chart, case: Case, comparison: upgrade.Task | None
) -> Task:
    """Return the task of a case, with the comparison of its objects with the newest release."""
    schema = checkout.schema(chart)
    alone = case.hostile and chart.is_umbrella  # the subcharts are disabled
    own = usage.hash_inputs(chart) if alone else hash_render_inputs(chart)
    inputs = own, *map(hash_file, case.values), hash_file(schema)
    files = checkout.root / TABLE, servers.TABLE, images.TABLE
    tables = *map(hash_file, files), *map(hash_tree, TABLES), *images.list_ended()
    key = combine(["case", _hash_code(), checkout.root, case, *inputs, *tables])
    size = sum(path.stat().st_size for path in case.values) // SIZE
    weight = (7 if case.hostile else 3) * (2 if chart.is_umbrella else 1) + size
    args = checkout.root, case, comparison
    return Task(chart.name, str(case), key, examine_and_compare, args, weight, renders=True)


def _plan_sources(checkout: Checkout, chart: Chart) -> Iterator[Task]:
    inputs = [_hash_code(), checkout.root, chart.folder, checkout.is_ours(chart)]
    args = (checkout.root, chart.folder)
    key = combine(["files", *inputs, chart_files.hash_inputs(chart)])
    yield Task(chart.name, "files", key, chart_files.check_chart_files, args)
    key = combine(["templates", *inputs, usage.hash_inputs(chart)])
    yield Task(chart.name, "templates", key, usage.check_usage, args)
    if checkout.is_ours(chart) and rule.uses_template(chart):
        key = combine(["template", *inputs, rule.hash_inputs(checkout.root, chart)])
        yield Task(chart.name, "template", key, rule.check_template, args)
    if checkout.is_ours(chart) and not chart.is_umbrella and (chart.folder / SOURCE).exists():
        key = combine(["options", *inputs, coverage.hash_inputs(checkout, chart)])
        yield Task(chart.name, "options", key, coverage.check_coverage, args)
    if (chart.folder / "values.schema.json").exists():
        key = combine(["schema", *inputs, schemas.hash_inputs(chart)])
        yield Task(chart.name, "schema", key, schemas.check_schema, args)


def _plan_suites(checkout: Checkout, chart: Chart) -> Iterator[Task]:
    args = (checkout.root, chart.folder)
    inputs = [_hash_code(), checkout.root, chart.folder]
    for path, digest in helm_unittest.hash_tests(chart).items():
        key = combine(["unittest", *inputs, path, digest, *_hash_programs("helm-unittest")])
        label = f"helm-unittest {path.stem.removesuffix('_test')}"
        yield Task(chart.name, label, key, helm_unittest.run_tests, (*args, path), 4)
    if promtool.has_alerts(chart):
        more = *map(hash_file, alert_files.list_inputs(checkout, chart)), hash_chart(chart)
        key = combine(["promtool", *inputs, *more, *_hash_programs("promtool")])
        yield Task(chart.name, "promtool", key, promtool.check_alerts, args, 4)
    more = (hash_file(checkout.root / "ct.yaml"), *_hash_programs("chart-testing", "helm"))
    key = combine(["lint", *inputs, chart_testing.hash_inputs(chart), *more])
    weight = 2 + len(chart.list_ci_values())
    yield Task(chart.name, "ct lint", key, chart_testing.lint, args, weight)


def _list_comparisons(checkout: Checkout, charts: Collection[Chart]) -> list[upgrade.Task]:
    """Return the comparisons with the newest release, which the summary of the upgrade reads."""
    names = {chart.name for chart in charts}
    try:
        return plan_comparisons(checkout, names) if names else []
    except CarbonError:  # the summary reports it
        return []


def _plan_comparison(comparison: upgrade.Task) -> Task:
    key = combine(["comparison", comparison.key])
    label = f"upgrade {comparison.label}"
    return Task(comparison.chart, label, key, run_comparison, (comparison,), 2)


def _plan_pytest(checkout: Checkout) -> Iterator[Task]:
    for suite in pytest_suites.list_suites(checkout):
        digest = pytest_suites.hash_inputs(suite)
        key = combine(["pytest", _hash_code(), checkout.root, suite.path, digest])
        args = (checkout.root, suite.chart, suite.path)
        yield Task(suite.chart, f"pytest {suite.path.name}", key, pytest_suites.run_suite, args, 8)


def _plan_checkout(checkout: Checkout) -> Iterator[Task]:
    """Yield the tasks that cover all charts and texts at once."""
    root, given = checkout.root, [_hash_code(), checkout.root]
    folders = [hash_tree(c.folder.resolve(), NOT_GENERATED_FROM) for c in checkout.charts]
    key = combine(["generated", *given, *folders, hash_tree(root / "schemas")])
    yield Task("", "generated files", key, generated.check_generated, (root,), 8)
    key = combine(["descriptions", *given, *map(hash_file, descriptions.list_schemas(checkout))])
    yield Task("", "descriptions", key, descriptions.check_descriptions, (root,))
    key = combine(["selectors", *given, *map(hash_file, selectors.list_values_files(checkout))])
    yield Task("", "selectors", key, selectors.check_selectors, (root,))
    key = combine(["words", *given, words.hash_inputs(root)])
    yield Task("", "words", key, words.check_words, (root,))
    pages = links.hash_inputs(root)
    key = combine(["links", *given, pages])
    yield Task("", "links", key, links.check_links, (root,))
    key = combine(["values", *given, pages, schema_keys.hash_schemas(root)])
    yield Task("", "documented values", key, check_values, (root,))
    key = combine(["programs", *given, pages, programs.hash_programs(root)])
    yield Task("", "documented programs", key, programs.check_programs, (root,))


def plan_slow_tasks(
    checkout: Checkout, charts: Collection[Chart], checks: Collection[str], sets: int, seed: int
) -> list[Task]:
    """Return the tasks of the checks `keys` and `deep`, the longest first.

    Each task with random values has a seed of its own; `seed` is the first.
    """
    found: list[Task] = []
    for chart in charts:
        if chart.is_library or not (chart.folder / COMPILED).exists():
            continue
        inputs = [_hash_code(), checkout.root, chart.folder, hash_chart(chart), hash_tree(CRDS)]
        if "keys" in checks and checkout.is_ours(chart):
            found += _plan_keys(checkout, chart, inputs)
        for own in range(seed, seed - (-sets // renders.BATCH)) if "deep" in checks else ():
            key = combine(["deep", *inputs, own])
            args = (checkout.root, chart.folder, own)
            label = f"values {own}"
            found.append(Task(chart.name, label, key, renders.try_values, args, renders.BATCH))
    return sorted(found, key=lambda task: -task.weight)


def _plan_keys(checkout: Checkout, chart: Chart, inputs: list[object]) -> Iterator[Task]:
    profiles = [hash_file(path) for path in checkout.profiles(chart)]
    weight = (chart.folder / COMPILED).stat().st_size // SIZE
    for number in range(KEY_TASKS):
        key = combine(["keys", *inputs, *profiles, number])
        args = (checkout.root, chart.folder, number, KEY_TASKS)
        yield Task(chart.name, f"keys {number}", key, key_effects.check_keys, args, weight)
