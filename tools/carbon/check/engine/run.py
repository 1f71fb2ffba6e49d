"""Runs a check: reads results from the cache, and runs all other tasks in worker processes."""

import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from time import monotonic

from carbon import externals
from carbon.charts.discovery import Chart
from carbon.charts.kubernetes import MINORS
from carbon.charts.render import COLLECTION
from carbon.check.causes.group import BROKEN
from carbon.check.engine.cache import open_cache
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.exceptions import apply_exceptions, is_published, read_exceptions
from carbon.check.engine.locating import Causes
from carbon.check.engine.plan import RENDERING, has_documents, plan_slow_tasks, plan_tasks
from carbon.check.engine.report import CHECKS, Report, check_of
from carbon.check.engine.result import Result, Task, from_dict
from carbon.check.engine.verdicts import Verdicts, list_problems
from carbon.check.engine.workers import COMPLETE, describe_error, run_task, start_workers
from carbon.check.findings import Finding, make_finding
from carbon.check.programs.checkov import Checkov
from carbon.check.sources.chart_files import Errors, find_unreadable
from carbon.check.sources.lines import find_in_template, find_template
from carbon.check.texts.objects.check import check_objects
from carbon.check.texts.objects.rendered import Facts, Rendered
from carbon.errors import CarbonError

Progress = Callable[[int, int, str], None]
"""Called after each task with: tasks done, all tasks, the task's name."""
PROGRAMS = (
    "helm",
    "helm-many",
    "helm3",
    "kubeconform",
    "kube-validate",
    "helm-unittest",
    "chart-testing",
    "kube-score",
    "promtool",
)


class Run:
    """A run of `carbon check` over the given charts."""

    def __init__(
        self,
        checkout: Checkout,
        charts: list[Chart],
        checks: Collection[str],
        progress: Progress,
        sets: int = 0,
        seed: int = 0,
    ) -> None:
        self.checkout = checkout
        self.charts = charts
        self.progress = progress
        self._sets = sets
        order = [name for name in CHECKS if name in checks]
        self.report = Report([c.name for c in charts], order, minors=MINORS, seed=seed)
        self._checks = set(checks)
        self._cache = open_cache()
        self._verdicts = Verdicts(self._cache)
        self._rendered: list[tuple[str, str, str, str, str]] = []
        """Chart, case, digest, template and identity of every object."""
        self._todo: list[Task] = []
        self._done = 0

    def run(self, complete: bool) -> Report:
        """Run the check and return the report; `complete` is true if it covers every chart."""
        start = monotonic()
        planned = self._plan()
        stored = self._read_stored(planned)
        self._todo = [task for task in planned if task.key not in stored]
        self.report.tasks = len(planned)
        self.report.reused = len(stored)
        for task in planned:
            if task.key in stored:
                self._add_result(task, stored[task.key])
        if self._todo:
            try:
                self._run_tasks()
            except CarbonError as wrong:
                self.report.add(describe_error(wrong, self.checkout.root, case="programs"))
        self._add_verdicts()
        self._add_documented_objects()
        self._cache.mark_used([*stored, *self._verdicts.keys()])
        exceptions, invalid = read_exceptions(self.checkout.root)
        if invalid and not exceptions:  # the file cannot be read
            self.report.findings = [f for f in self.report.findings if not is_published(f.rule)]
        broken = any(finding.rule in BROKEN for finding in self.report.findings)
        covered = self._checks if complete and not broken else set[str]()
        rendered = {(chart, name) for chart, _, _, _, name in self._rendered}
        ours = {chart.name for chart in self.charts if self.checkout.is_ours(chart)} | {""}
        self.report.findings, self.report.excused = apply_exceptions(
            [*self.report.findings, *invalid], exceptions, rendered, covered, ours
        )
        self.report.findings.sort(key=lambda each: (each.file, each.line, each.rule, each.what))
        Causes(self.checkout, planned, self._cache, self._rendered).apply(self.report)
        self.report.services = self._read_services()
        self.report.seconds = monotonic() - start
        return self.report

    def _plan(self) -> list[Task]:
        """Return the tasks for the charts whose files can be read."""
        known: Errors = {}
        readable = [chart for chart in self.charts if not self._add_unreadable(chart, known)]
        whole = len(readable) == len(self.charts)
        try:
            planned = plan_tasks(self.checkout, readable, self._checks, whole)
            slow = self._checks, self._sets, self.report.seed
            planned += plan_slow_tasks(self.checkout, readable, *slow)
        except (CarbonError, OSError, ValueError) as wrong:
            self.report.add(describe_error(wrong, self.checkout.root, case="plan"))
            return []
        return planned

    def _add_unreadable(self, chart: Chart, known: Errors) -> bool:
        found = find_unreadable(self.checkout, chart, known)
        for finding in found:
            self.report.add(finding)
        return bool(found)

    def _read_services(self) -> dict[str, object]:
        try:
            return self.checkout.read_services_table()
        except CarbonError:  # a finding reports the file
            return {}

    def _read_stored(self, planned: list[Task]) -> dict[str, Result]:
        """Return cached results by key, without those whose objects lack a verdict in the cache.

        A verdict is what kubeconform, kube-validate, yamllint, kube-score and checkov report about
        an object.
        """
        found = {k: from_dict(v) for k, v in self._cache.get(t.key for t in planned).items()}
        digests = {digest for result in found.values() for digest, _, _ in result.rendered}
        self._verdicts.read(digests)
        return {
            key: result
            for key, result in found.items()
            if all(digest in self._verdicts for digest, _, _ in result.rendered)
        }

    def _run_tasks(self) -> None:
        """Run the tasks; the verdicts about rendered objects follow the last render."""
        externals.ensure_built(PROGRAMS)
        os.environ.update(COLLECTION)
        renders = [task for task in self._todo if task.renders]
        others = [task for task in self._todo if not task.renders]
        with Checkov() as checkov, start_workers() as pool, ThreadPoolExecutor(1) as thread:
            for result in self._run_in(pool, renders):
                checkov.prepare(self._verdicts.add(result.objects))
            verdicts = thread.submit(self._verdicts.complete, pool, checkov, self._report)
            for _ in self._run_in(pool, others):
                pass
            verdicts.result()

    def _run_in(self, pool: ProcessPoolExecutor, tasks: list[Task]) -> Iterator[Result]:
        """Run tasks in worker processes; yield each result after it was stored and reported."""
        jobs = {pool.submit(run_task, self.checkout.root, task): task for task in tasks}
        for job in as_completed(jobs):
            task, result = jobs[job], job.result()
            if not result.failed:
                self._cache.put({task.key: result.to_dict()})
            self._add_result(task, result)
            yield result

    def _add_result(self, task: Task, result: Result) -> None:
        for finding in filter(self._is_wanted, result.findings):
            self.report.add(finding)
        self.report.count(task.chart, result.counts)
        self._rendered += [(task.chart, task.label, *each) for each in result.rendered]
        if task in self._todo:
            self._done += 1
            self._report(f"{task.chart} {task.label}")

    def _report(self, what: str) -> None:
        self.progress(self._done, len(self._todo), what)

    def _is_wanted(self, finding: Finding) -> bool:
        return check_of(finding.rule) in self._checks or finding.rule == COMPLETE

    def _add_verdicts(self) -> None:
        """Add a finding for each problem of an object, and count the objects."""
        charts = {chart.name: chart for chart in self.charts}
        ours = {chart.name for chart in self.charts if self.checkout.is_ours(chart)}
        seen: dict[str, set[str]] = {}

        @cache
        def find_path(chart: str, source: str) -> Path:
            return find_template(charts[chart], source)

        for chart, case, digest, source, name in self._rendered:
            seen.setdefault(chart, set()).add(digest)
            self.report.count(chart, {"objects": 1})
            if digest not in self._verdicts:
                continue  # the program failed, which is a finding
            verdict = self._verdicts[digest]
            for problem in list_problems(verdict):
                if chart not in ours and (problem.is_unknown or problem.is_house):
                    continue  # only this project lists the kinds that its charts render
                path = find_path(chart, source)
                finding = make_finding(
                    problem.rule,
                    f"{name}: {problem.what}",
                    self.checkout.format_path(path),
                    find_in_template(path, problem.path, name.partition("/")[0]),
                    chart=chart,
                    case=case,
                    subject=name,
                    path=problem.path,
                    remedy=problem.remedy,
                )
                if self._is_wanted(finding):
                    self.report.add(finding)
        for chart, digests in seen.items():
            self.report.count(chart, {"distinct": len(digests)})

    def _add_documented_objects(self) -> None:
        """Add a finding for each name in Markdown of an object that no chart renders.

        The objects of charts that this run does not render come from the cache. Without them, or
        if a chart does not render, the names are not checked.
        """
        if "schemas" not in self._checks or not has_documents(self.checkout, self.charts):
            return
        try:
            facts = self._read_facts()
        except (CarbonError, OSError, ValueError):  # a finding reports the file
            return
        for finding in check_objects(self.checkout.root, Rendered(facts)) if facts else ():
            self.report.add(finding)

    def _read_facts(self) -> list[Facts]:
        """Return what Markdown can name of each object; nothing if a chart's render is missing."""
        rendered = {chart.folder for chart in self.charts} if RENDERING & self._checks else set()
        others = [chart for chart in self.checkout.charts if chart.folder not in rendered]
        unread = plan_tasks(self.checkout, others, {"rendering"})
        stored = self._cache.get(task.key for task in unread)
        found = {(digest, template) for _, _, digest, template, _ in self._rendered}
        found |= {(each[0], each[1]) for result in stored.values() for each in result["rendered"]}
        if len(stored) < len(unread) or any(f.rule in BROKEN for f in self.report.findings):
            return []
        return self._verdicts.read_facts(found)
