"""The rules: each function reads a comparison and yields findings."""

from collections.abc import Callable, Iterator

from carbon.upgrade.findings import Finding
from carbon.upgrade.objects.comparison import Comparison
from carbon.upgrade.rules import (
    custom_resources,
    images,
    immutable,
    merging,
    placement,
    references,
    restarts,
    services,
    storage,
    workloads,
)

Rule = Callable[[Comparison], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    immutable.find_immutable,
    storage.find_lost_storage,
    storage.find_moved_storage,
    references.find_missing,
    references.find_changed_stores,
    references.find_lost_priorities,
    services.find_service_changes,
    services.find_lost_hosts,
    workloads.find_vanished,
    workloads.find_hook_changes,
    workloads.find_rollout_changes,
    workloads.find_scale_changes,
    workloads.find_version_labels,
    merging.find_merge_traps,
    merging.find_new_nulls,
    custom_resources.find_crd_changes,
    images.find_data_formats,
    images.find_repositories,
    placement.find_selectors,
    restarts.find_restarts,
)
"""All rules, in the order of the report."""


def run_rules(comparison: Comparison) -> list[Finding]:
    """Return the findings of all rules about a comparison."""
    return [finding for rule in RULES for finding in rule(comparison)]
