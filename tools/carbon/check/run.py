"""Running a check: what is in the cache is taken from there, the rest is done on every core."""

import gc
import importlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from carbon import externals
from carbon.charts.discovery import Chart
from carbon.charts.kubernetes import MINORS
from carbon.check import documents, exceptions, published
from carbon.check.cache import results
from carbon.check.examine import template
from carbon.check.findings import RULES, Finding
from carbon.check.locate import in_template
from carbon.check.plan import Task, deep_tasks, tasks
from carbon.check.report import CHECKS, Report, check_of
from carbon.check.result import Document, Result, from_plain
from carbon.check.site import Site, services

Told = Callable[[int, int, str, list[Finding]], None]
"""Told after each task: tasks done, tasks in all, what was done, what is new."""
LARGE = ("jsonschema", "yamllint.linter")
"""Libraries that workers would else load one by one."""
PROGRAMS = (
    "helm",
    "helm-many",
    "helm3",
    "kubeconform",
    "helm-unittest",
    "chart-testing",
    "kube-score",
    "promtool",
)
LINTED_AT_ONCE = 25


class Run:
    """One check of some charts."""

    def __init__(
        self,
        site: Site,
        charts: list[Chart],
        checks: Collection[str],
        told: Told,
        sets: int = 0,
    ) -> None:
        self._sets = sets
        self.site = site
        self.charts = charts
        self.told = told
        order = [name for name in CHECKS if name in checks]
        self.report = Report([c.name for c in charts], order, minors=MINORS)
        self._checks = set(checks)
        self._cache = results()
        self._context = documents.context()
        self._verdicts: dict[str, documents.Verdict] = {}
        self._documents: dict[str, Document] = {}
        self._drawn: list[tuple[str, str, str, str, str]] = []
        """Chart, case, digest, template and identity of every object."""
        self._todo: list[Task] = []
        self._done = 0

    def run(self, excuses: list[exceptions.Excuse], complete: bool) -> Report:
        """Do all of it and return what was found."""
        start = monotonic()
        planned = tasks(self.site, self.charts, self._checks)
        if "deep" in self._checks:
            planned += deep_tasks(self.site, self.charts, self._sets)
        kept = self._kept(planned)
        self._todo = [task for task in planned if task.key not in kept]
        self.report.tasks = len(planned)
        self.report.reused = len(kept)
        for task in planned:
            if task.key in kept:
                self._take(task, kept[task.key])
        if self._todo:
            self._work()
        self._judge()
        self._cache.used([*kept, *(self._key(digest) for digest in self._verdicts)])
        self.report.findings, self.report.excused = exceptions.sifted(
            self.report.findings, excuses, complete
        )
        for finding in self.report.findings:
            self.report.cases.setdefault(finding.key, [f"{finding.chart}: {finding.case}"])
        self.report.services = services(self.site)
        self.report.seconds = monotonic() - start
        return self.report

    def _kept(self, planned: list[Task]) -> dict[str, Result]:
        """Results in the cache whose objects have verdicts there too."""
        found = {k: from_plain(v) for k, v in self._cache.get(t.key for t in planned).items()}
        digests = {digest for result in found.values() for digest, _, _ in result.drawn}
        self._recall(digests)
        return {
            key: result
            for key, result in found.items()
            if all(digest in self._verdicts for digest, _, _ in result.drawn)
        }

    def _recall(self, digests: Iterable[str]) -> None:
        """Take from the cache what programs have said about objects before."""
        unknown = [self._key(digest) for digest in digests if digest not in self._verdicts]
        for key, verdict in self._cache.get(unknown).items():
            self._verdicts[key.partition("-")[2]] = verdict

    def _key(self, digest: str) -> str:
        return f"{self._context}-{digest}"

    def _work(self) -> None:
        externals.ensure(PROGRAMS)
        os.environ.setdefault("GOGC", "400")  # programs that end before there is much to collect
        with published.Checkov() as checkov, _workers() as pool:
            jobs: dict[Future[Result], Task] = {
                pool.submit(task.call, *task.args): task for task in self._todo
            }
            for job in as_completed(jobs):
                task, result = jobs[job], job.result()
                self._documents |= result.documents
                self._recall(result.documents)
                checkov.expect(d for n, d in result.documents.items() if n not in self._verdicts)
                self._cache.put({task.key: result.plain()})
                self._take(task, result)
            if new := self._new():
                self._ask(pool, checkov, new)

    def _new(self) -> dict[str, Document]:
        """Objects that no program has looked at."""
        return {d: v for d, v in self._documents.items() if d not in self._verdicts}

    def _ask(
        self, pool: ProcessPoolExecutor, checkov: published.Checkov, new: dict[str, Document]
    ) -> None:
        """Have programs look at documents that they have not seen yet."""
        verdicts: dict[str, documents.Verdict] = {
            digest: {"kubernetes": {}, "yaml": [], "published": []} for digest in new
        }
        texts = {digest: document.text for digest, document in new.items()}
        with documents.laid_out(new.values()) as folder, TemporaryDirectory() as pods:
            published.lay_out(new.values(), Path(pods))
            checkov.scan(Path(pods))
            score = pool.submit(published.scored, Path(pods), MINORS[-1])
            by_minor = {pool.submit(documents.validated, folder, minor): minor for minor in MINORS}
            lints = [pool.submit(documents.linted, some) for some in _parts(texts)]
            for job in as_completed(by_minor):
                for digest, said in job.result().items():
                    verdicts[digest]["kubernetes"][by_minor[job]] = said
                self._tell(f"kubeconform {by_minor[job]}", [])
            for lint in lints:
                for digest, lines in lint.result().items():
                    verdicts[digest]["yaml"] = lines
            scans = checkov.scanned()
            for digest, others in published.merged(score.result(), scans).items():
                verdicts[digest]["published"] = others
        self._cache.put({self._key(digest): verdict for digest, verdict in verdicts.items()})
        self._verdicts |= verdicts

    def _take(self, task: Task, result: Result) -> None:
        new = [f for f in result.findings if self._wanted(f) and self.report.add(f)]
        self.report.count(task.chart, result.counts)
        self._drawn += [(task.chart, task.label, *each) for each in result.drawn]
        if task in self._todo:
            self._done += 1
            self._tell(f"{task.chart} {task.label}", new)
        elif new:
            self._tell("", new)

    def _tell(self, what: str, new: list[Finding]) -> None:
        self.told(self._done, len(self._todo), what, new)

    def _wanted(self, finding: Finding) -> bool:
        return check_of(finding.rule) in self._checks

    def _judge(self) -> None:
        """Make findings of the verdicts about objects, and count the objects."""
        folders = {chart.name: chart for chart in self.charts}
        seen: dict[str, set[str]] = {}
        for chart, case, digest, source, name in self._drawn:
            seen.setdefault(chart, set()).add(digest)
            self.report.count(chart, {"objects": 1})
            verdict = self._verdicts[digest]
            if verdict["yaml"] or verdict["published"] or any(verdict["kubernetes"].values()):
                path = template(folders[chart], source)
                found = partial(self._finding, chart, case, path, name)
                for finding in _said(verdict, found):
                    if self._wanted(finding) and self.report.add(finding):
                        self._tell("", [finding])
        for chart, digests in seen.items():
            self.report.count(chart, {"distinct": len(digests)})

    def _finding(
        self,
        chart: str,
        case: str,
        path: Path,
        name: str,
        rule: str,
        what: str,
        keys: tuple[str, ...],
        remedy: str = "",
    ) -> Finding:
        line = in_template(path, keys, name.partition("/")[0])
        file = self.site.shown(path)
        remedy = remedy or RULES[rule].remedy
        return Finding(rule, chart, case, file, line, f"{name}: {what}", remedy, name)


def _said(verdict: documents.Verdict, found: Callable[..., Finding]) -> Iterator[Finding]:
    under: dict[str, list[str]] = {}
    for minor, messages in verdict["kubernetes"].items():
        for message in messages:
            under.setdefault(message, []).append(minor)
    for message, minors in under.items():
        where = "" if len(minors) == len(MINORS) else f" (under {', '.join(minors)})"
        what = f"{documents.brief(message)}{where}"
        yield found(documents.VALID, what, documents.place(message))
    for _line, what in verdict["yaml"]:
        yield found(documents.TIDY, what, ())
    for rule, what, remedy in verdict["published"]:
        yield found(rule, what, (), remedy)


def _parts(texts: dict[str, str]) -> Iterable[dict[str, str]]:
    digests = list(texts)
    for at in range(0, len(digests), LINTED_AT_ONCE):
        yield {digest: texts[digest] for digest in digests[at : at + LINTED_AT_ONCE]}


def _ignore_interrupts() -> None:
    """An interrupt ends the run; its workers go when it goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _workers() -> Iterator[ProcessPoolExecutor]:
    """A process a core; what all of them need is loaded before they part."""
    for name in LARGE:
        importlib.import_module(name)
    gc.freeze()  # what is loaded now stays, so no worker need look through it for garbage
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(os.cpu_count() or 1, context, _ignore_interrupts)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        pool.shutdown()
