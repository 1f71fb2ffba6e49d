"""Locates the causes of a run's findings, and merges findings with one cause into one finding."""

from concurrent.futures import as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from carbon.check.causes import group
from carbon.check.causes.locate import Cause
from carbon.check.causes.task import locate_causes
from carbon.check.engine.cache import Cache
from carbon.check.engine.cases import Case
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine
from carbon.check.engine.plan import Task
from carbon.check.engine.report import Report
from carbon.check.engine.workers import start_workers
from carbon.check.findings import Finding

MOST = 400
"""Findings that are traced; a chart with more of them has one cause for most."""


class Causes:
    """The causes of the findings of one run, from the cache or by renders of changed copies."""

    def __init__(self, checkout: Checkout, tasks: list[Task], cache: Cache) -> None:
        self._checkout = checkout
        self._cache = cache
        self._cases = {
            f"{task.chart}: {task.label}": (task, case)
            for task in tasks
            for case in task.args
            if isinstance(case, Case) and not case.hostile
        }
        self._order = {name: at for at, name in enumerate(self._sort_cases())}

    def _sort_cases(self) -> list[str]:
        """Return the cases in the order in which they are preferred: small charts first."""

        def rank(name: str) -> tuple[bool, int, str]:
            case = self._cases[name][1]
            return case.umbrella, len(case.values), name

        return sorted(self._cases, key=rank)

    def apply(self, report: Report) -> None:
        """Give each finding of a report the line of its cause, and merge findings with one cause.

        Findings that follow from another finding are left out.
        """
        findings = group.drop_following(report.findings, report.cases)
        findings = group.drop_repeated(findings)
        causes = self._locate([f for f in findings if f.subject and f.path][:MOST], report)
        shown = {cause: self._checkout.format_path(cause.file) for cause in causes.values()}
        placed = group.drop_refused(group.place_findings(findings, causes, shown))
        origins = {new: old for old, new in placed.items()}
        cases: dict[Any, list[str]] = {}
        merged = []
        for finding, some in group.group_findings(placed.values()):
            labels = [label for each in some for label in report.cases.get(origins[each].key, ())]
            cases[finding.key] = list(dict.fromkeys(labels or [f"{finding.chart}: {finding.case}"]))
            merged.append(finding)
        report.replace(sorted(merged, key=lambda each: (each.file, each.line, each.rule)), cases)

    def _locate(self, findings: list[Finding], report: Report) -> dict[group.Key, Cause]:
        """Return the causes of findings, by the finding's key."""
        wrong: dict[str, set[str]] = {}
        by_case: dict[str, list[Finding]] = {}
        for each in findings:
            wrong.setdefault(each.rule, set()).add(each.subject)
            labels = [label for label in report.cases[each.key] if label in self._order]
            if labels:
                by_case.setdefault(min(labels, key=self._order.__getitem__), []).append(each)
        keys = {name: self._key(name, some, wrong) for name, some in by_case.items()}
        stored = self._cache.get(keys.values())
        todo = {name: some for name, some in by_case.items() if keys[name] not in stored}
        if todo:
            with start_workers() as pool:
                jobs = {
                    pool.submit(locate_causes, self._cases[name][1], some, wrong): name
                    for name, some in todo.items()
                }
                for job in as_completed(jobs):
                    stored[keys[jobs[job]]] = [each and _to_plain(each) for each in job.result()]
            self._cache.put({keys[name]: stored[keys[name]] for name in todo})
        return {
            finding.key: Cause(Path(cause["file"]), cause["line"], cause["shared"])
            for name, some in by_case.items()
            for finding, cause in zip(some, stored[keys[name]], strict=True)
            if cause
        }

    def _key(self, name: str, findings: list[Finding], wrong: dict[str, set[str]]) -> str:
        rules = {each.rule for each in findings}
        objects = [(rule, sorted(wrong[rule])) for rule in sorted(rules)]
        return combine(["causes", self._cases[name][0].key, *findings, *objects])


def _to_plain(cause: Cause) -> dict[str, Any]:
    return asdict(cause) | {"file": str(cause.file)}
