"""The causes of failures of a chart's own tests (helm-unittest and promtool)."""

import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from carbon.charts.discovery import Chart, read_chart
from carbon.check.causes.copies import copy_chart
from carbon.check.causes.locate import Cause
from carbon.check.engine.digests import list_files
from carbon.check.findings import Finding, KeyPath
from carbon.check.programs.helm_unittest import UNITTEST, run_tests
from carbon.check.programs.promtool import check_alerts
from carbon.check.reverts.cases import find_change
from carbon.check.reverts.changes import Change, revert

_TEMPLATE = re.compile(r"Template:(\S+)")
_PATH = re.compile(r"Path:(\S+)")
_STEP = re.compile(r"\[(\d+)\]|\[\"([^\"]+)\"\]|([^.\[\]]+)")


def read_template(what: str) -> str:
    """Return the template that a failed test renders, as Helm names it; empty if unknown."""
    found = _TEMPLATE.search(what)
    return found[1] if found else ""


def read_path(what: str) -> KeyPath:
    """Return the path of the field that a failed test compares; empty if unknown."""
    found = _PATH.search(what)
    steps = _STEP.findall(found[1]) if found else []
    return tuple(f"[{number}]" if number else quoted or key for number, quoted, key in steps)


def locate_failures(
    root: Path, folder: Path, file: Path, findings: list[Finding], changes: Sequence[Change]
) -> list[Cause | None]:
    """Return the cause of each failure of a file with tests, or of a file of alerts.

    The cause is None unless a change causes the failure, and for a new chart, which does not exist
    without its changes.
    """
    metadata = (folder / "Chart.yaml").resolve()
    if any(each.file == metadata and each.old is None for each in changes):
        return [None] * len(findings)
    chart = read_chart(folder)
    files = {path.resolve() for path in list_files(folder)}
    files -= {file.resolve()} if findings[0].rule == UNITTEST else set()
    own = [each for each in changes if each.file in files]
    inside = file.relative_to(folder)

    @cache
    def run(some: frozenset[Change]) -> frozenset[str]:
        return _list_failures(root, chart, inside, list(some))

    def find(finding: Finding) -> Cause | None:
        name = _get_name(finding)
        change = find_change(own, lambda some: name not in run(frozenset(some)))
        return Cause(change.file, change.line) if change else None

    return [find(each) for each in findings]


def _list_failures(root: Path, chart: Chart, inside: Path, changes: list[Change]) -> frozenset[str]:
    """Return the tests of a file that fail without some changes."""
    with tempfile.TemporaryDirectory(prefix="carbon-check-") as work:
        copy = copy_chart(chart, Path(work) / chart.name, revert(changes), tests=True)
        if inside.parts[0] == "alerts":
            found = check_alerts(root, copy).findings
        else:
            found = run_tests(root, copy, copy / inside).findings
    return frozenset(map(_get_name, found))


def _get_name(finding: Finding) -> str:
    return finding.what.partition("\n")[0]
