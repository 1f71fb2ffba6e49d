"""Pods that restart, and the fields that cause it."""

from collections.abc import Iterator

from carbon.upgrade.changes import Change
from carbon.upgrade.comparison import RUNNING, Comparison, get_template_path
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.pairing import Pair


def find_restarts(comparison: Comparison) -> Iterator[Finding]:
    """Yield each changed field of a pod template, which restarts the pods of a workload."""
    for pair in comparison.of_kind(*RUNNING):
        if pair.is_kept:
            path = get_template_path(pair.kind) or ()
            for change in pair.changes:
                if change.path[: len(path)] == path:
                    yield _report(pair, change)


def _report(pair: Pair, change: Change) -> Finding:
    return Finding(
        "restart/template",
        Severity.RESTART,
        pair.name,
        change.path,
        "changes the pod template",
        "The pods of the workload restart.",
        old=change.old,
        new=change.new,
    )
