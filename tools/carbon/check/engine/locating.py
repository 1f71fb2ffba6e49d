"""Locates the causes of a run's findings, and merges findings with one cause into one finding."""

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.causes import group
from carbon.check.causes.following import fold_following
from carbon.check.causes.locate import Cause
from carbon.check.causes.task import locate_causes
from carbon.check.engine.cache import Cache
from carbon.check.engine.cases import Case
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_chart
from carbon.check.engine.report import Report
from carbon.check.engine.result import Task
from carbon.check.engine.workers import start_workers
from carbon.check.findings import Finding
from carbon.check.programs.helm_unittest import UNITTEST
from carbon.check.programs.promtool import PROMTOOL
from carbon.check.programs.pytest_suites import PYTEST, find_input
from carbon.check.reverts import suites
from carbon.check.reverts.changes import Change, list_changes
from carbon.check.sources.generated import CURRENT, find_source

RERUN = (UNITTEST, PROMTOOL)
"""Rules about tests that run again with some changes reverted, to find the cause."""
MOST = 400
"""Maximum number of findings that are traced to their cause."""
Rendered = tuple[str, str, str, str, str]
"""Chart, case, digest, template and identity of an object."""


@dataclass(frozen=True)
class Job:
    """A call that returns the cause of each of some findings."""

    key: str
    findings: Sequence[Finding]
    call: Callable[..., list[Cause | None]]
    args: tuple[Any, ...]


class Causes:
    """The causes of the findings of one run, from the cache or by renders of changed copies."""

    def __init__(
        self, checkout: Checkout, tasks: list[Task], cache: Cache, rendered: Sequence[Rendered]
    ) -> None:
        self._checkout = checkout
        self._cache = cache
        self._rendered = rendered
        self._charts: dict[str, Chart] = {chart.name: chart for chart in checkout.charts}
        self._cases = {
            f"{task.chart}: {task.label}": (task, case)
            for task in tasks
            for case in task.args
            if isinstance(case, Case)
        }
        self._order = {name: at for at, name in enumerate(self._sort_cases())}
        self._changes: list[Change] = []

    def _sort_cases(self) -> list[str]:
        """Return the cases in the order in which they are preferred: small charts first."""

        def rank(name: str) -> tuple[bool, bool, int, str]:
            case = self._cases[name][1]
            return case.umbrella, case.hostile, len(case.values), name

        return sorted(self._cases, key=rank)

    def apply(self, report: Report) -> None:
        """Give each finding of a report the line of its cause, and merge findings with one cause.

        Findings that follow from another finding are left out.
        """
        if not report.findings:
            return
        self._changes = list_changes(self._checkout.root)
        findings = group.drop_following(report.findings, report.cases)
        findings = group.drop_repeated(findings)
        causes = self._run(self._plan_cases(findings[:MOST], report)) | self._find_sources(findings)
        merged = self._merge(findings, causes, report)
        if failed := [finding for finding in merged if finding.rule in RERUN]:
            causes |= self._run(self._plan_traces(failed))
            causes |= self._run(self._plan_reruns(failed))
            merged = self._merge(findings, causes, report)
        ordered = sorted(merged, key=lambda each: (each.file, each.line, each.rule))
        report.replace(ordered, {each.key: labels for each, labels in merged.items()})

    def _find_sources(self, findings: list[Finding]) -> dict[group.Key, Cause]:
        """Return the causes of generated files that are out of date, and of failures of pytest."""
        found: dict[group.Key, Change | None] = {}
        for each in findings:
            if each.rule == CURRENT and each.chart in self._charts:
                found[each.key] = find_source(self._charts[each.chart], self._changes)
            elif each.rule == PYTEST:
                found[each.key] = find_input(self._checkout, each.file, self._changes)
        return {key: Cause(change.file, change.line) for key, change in found.items() if change}

    def _merge(
        self, findings: list[Finding], causes: dict[group.Key, Cause], report: Report
    ) -> dict[Finding, list[str]]:
        """Return one finding for each cause, each with the charts and cases that have it."""
        shown = {cause: self._checkout.format_path(cause.file) for cause in causes.values()}
        placed = group.drop_refused(group.place_findings(findings, causes, shown))
        origins = {new: old for old, new in placed.items()}
        groups = group.group_findings(placed.values())
        sources = {each: {origins[old].file for old in some} for each, some in groups}
        behind = dict(groups)
        changed = {
            (self._checkout.format_path(change.file), line)
            for change in self._changes
            for line in (change.line, *change.lines)
        }
        merged = {}
        for finding, hosts in fold_following(sources, changed):
            some = [origins[old] for host in hosts for old in behind[host]]
            labels = [label for each in some for label in report.cases.get(each.key, ())]
            own = f"{finding.chart}: {finding.case}"
            merged[finding] = list(dict.fromkeys(labels or [own]))
        return merged

    def _plan_cases(self, findings: list[Finding], report: Report) -> list[Job]:
        """Return a job for each case, with the findings that are traced in this case."""
        wrong: dict[str, set[str]] = {}
        by_case: dict[str, list[Finding]] = {}
        for each in findings:
            wrong.setdefault(each.rule, set()).add(each.subject)
            labels = [label for label in report.cases[each.key] if label in self._order]
            if labels:
                by_case.setdefault(min(labels, key=self._order.__getitem__), []).append(each)
        return [self._plan_case(name, some, wrong) for name, some in by_case.items()]

    def _plan_case(self, name: str, findings: list[Finding], wrong: dict[str, set[str]]) -> Job:
        task, case = self._cases[name]
        rules = sorted({each.rule for each in findings})
        objects = [(rule, sorted(wrong[rule])) for rule in rules]
        key = combine(["causes", task.key, *findings, *objects, *self._changes])
        args = (self._checkout.root, case, findings, wrong, self._changes)
        return Job(key, findings, locate_causes, args)

    def _plan_traces(self, failed: list[Finding]) -> list[Job]:
        """Return a job for each case that renders a field that a failed test compares."""
        by_case: dict[str, list[Finding]] = {}
        for finding in failed:
            source, path = suites.read_template(finding.what), suites.read_path(finding.what)
            names = {
                f"{chart}: {label}": name
                for chart, label, _, template, name in self._rendered
                if chart == finding.chart and template == source
            }
            if path and (known := names.keys() & self._order.keys()):
                case = min(known, key=self._order.__getitem__)
                subject = replace(finding, subject=names[case], path=path)
                by_case.setdefault(case, []).append(subject)
        return [self._plan_case(name, some, {UNITTEST: set()}) for name, some in by_case.items()]

    def _plan_reruns(self, failed: list[Finding]) -> list[Job]:
        """Return a job for each file with failed tests that runs them without some changes."""
        by_file: dict[tuple[str, str], list[Finding]] = {}
        for each in failed if self._changes else ():
            by_file.setdefault((each.chart, each.file), []).append(each)
        root, jobs = self._checkout.root, []
        for (name, file), some in by_file.items():
            if (chart := self._charts.get(name)) is not None:
                key = combine(["reruns", root, hash_chart(chart), *some, *self._changes])
                args = (root, chart.folder, root / file, some, self._changes)
                jobs.append(Job(key, some, suites.locate_failures, args))
        return jobs

    def _run(self, jobs: list[Job]) -> dict[group.Key, Cause]:
        """Return the causes that jobs find, by the finding's key."""
        stored = self._cache.get(job.key for job in jobs)
        if todo := [job for job in jobs if job.key not in stored]:
            with start_workers() as pool:
                running = {pool.submit(job.call, *job.args): job for job in todo}
                for done in as_completed(running):
                    stored[running[done].key] = [each and _to_plain(each) for each in done.result()]
            self._cache.put({job.key: stored[job.key] for job in todo})
        return {
            finding.key: Cause(Path(cause["file"]), cause["line"], cause["shared"])
            for job in jobs
            for finding, cause in zip(job.findings, stored[job.key], strict=True)
            if cause
        }


def _to_plain(cause: Cause) -> dict[str, Any]:
    return asdict(cause) | {"file": str(cause.file)}
