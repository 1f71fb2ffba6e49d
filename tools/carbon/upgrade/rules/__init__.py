"""The rules: each function reads a comparison and yields findings."""

from collections.abc import Callable, Iterator

from carbon.upgrade.comparison import Comparison
from carbon.upgrade.findings import Finding
from carbon.upgrade.rules import immutable, restarts, storage

Rule = Callable[[Comparison], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    immutable.find_immutable,
    storage.find_lost_storage,
    restarts.find_restarts,
)
"""All rules, in the order of the report."""


def run_rules(comparison: Comparison) -> list[Finding]:
    """Return the findings of all rules about a comparison."""
    return [finding for rule in RULES for finding in rule(comparison)]
