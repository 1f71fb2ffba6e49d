"""Labels that pods newly require of their nodes."""

from collections.abc import Iterator

from carbon.check.findings import KeyPath
from carbon.upgrade.findings import Finding, Severity
from carbon.upgrade.objects.changes import Change, iterate_leaves
from carbon.upgrade.objects.comparison import RUNNING, Comparison

_KINDS = (*RUNNING, "CronJob", "RayCluster", "RayService")
_SELECTOR = "nodeSelector"


def find_selectors(comparison: Comparison) -> Iterator[Finding]:
    """Yield each label that pods newly require of their nodes."""
    for pair in comparison.of_kind(*_KINDS):
        for change in pair.changes if pair.is_kept else ():
            for path, label, value in _list_labels(change):
                yield Finding(
                    "placement/selector",
                    Severity.PERSON,
                    pair.name,
                    path,
                    f"requires the label {label}={value} of the nodes",
                    "New pods stay Pending if no node with enough room has the label.",
                    f"Compare with `kubectl get nodes --label-columns {label}`, and change the "
                    "value that sets the selector if no node has the label.",
                )


def _list_labels(change: Change) -> Iterator[tuple[KeyPath, str, object]]:
    """Yield path, key and value of each label in a node selector that a change adds or replaces."""
    if _SELECTOR not in change.path or change.is_removed:
        return
    for path, value in iterate_leaves(change.new, change.path):
        if path[-1] != _SELECTOR:
            yield path, path[-1], value
