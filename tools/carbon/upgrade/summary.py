"""What `carbon check` shows of the upgrade from the newest release: counts, and the least version.

Between two releases, the version in Chart.yaml is that of the newest release, and the summary shows
the version that the next release needs. A higher version must be large enough.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.charts.discovery import UMBRELLA
from carbon.check.engine.cases import Case
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.render.examination import examine_case
from carbon.check.sources.lines import find_in_yaml
from carbon.home import ROOT
from carbon.release.index import FOLDER, INDEX, read_index
from carbon.release.stored import unpack_release
from carbon.upgrade.findings import ORDER
from carbon.upgrade.run import Task, check_upgrade, plan_tasks, store_findings
from carbon.upgrade.sides import Side
from carbon.upgrade.versions import find_least_version, is_enough

ENOUGH = declare(
    "upgrade/version",
    "The version of the charts is at least the one that the changes since the newest release need.",
    "Run `carbon upgrade-check` to see the changes, then `carbon release prepare VERSION`.",
    house=True,
)


@dataclass(frozen=True)
class Summary:
    """The findings about the upgrade from the newest release, as numbers."""

    since: str
    """The newest release."""
    least: str
    """The least version that the changes need."""
    declared: str
    """The version in Chart.yaml."""
    counts: dict[str, int]
    """Severity -> number of findings."""

    @property
    def is_enough(self) -> bool:
        """True if the declared version is that of the newest release, or large enough."""
        return self.declared == self.since or is_enough(self.declared, self.least)

    def __str__(self) -> str:
        """Return the summary as one line."""
        found = ", ".join(
            f"{self.counts[name]} of severity {name}" for name in ORDER if self.counts.get(name)
        )
        if not found:
            return f"changes since release {self.since}: none"
        return (
            f"changes since release {self.since}: {found}; the next version is at least "
            f"{self.least} · carbon upgrade-check lists the changes"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "from": self.since,
            "least": self.least,
            "declared": self.declared,
            "findings": self.counts,
        }


def summarize_upgrade(checkout: Checkout, charts: Collection[str]) -> Summary | None:
    """Return the summary of the upgrade of some charts from the newest release.

    It is None if the checkout stores no release.

    Raises:
        CarbonError: the index or an archive of a release is invalid.
    """
    sides = _find_sides(checkout)
    if sides is None:
        return None
    old, new = sides
    report = check_upgrade(old, new, charts=charts)
    return Summary(
        old.version,
        find_least_version(old.version, report.findings),
        new.version,
        dict(Counter(finding.severity.value for finding in report.findings)),
    )


def _find_sides(checkout: Checkout) -> tuple[Side, Side] | None:
    """Return the newest release and the checkout; None if the checkout stores no release."""
    folder = checkout.root / FOLDER.relative_to(FOLDER.parents[2])
    if not (folder / INDEX).exists() or not (releases := read_index(folder)):
        return None
    newest = releases[-1]
    root = unpack_release(newest, folder)
    new = Side("the working tree", checkout.root / UMBRELLA, checkout.root)
    return Side(newest.version, root / UMBRELLA, root), new


def plan_comparisons(checkout: Checkout, charts: Collection[str]) -> list[Task]:
    """Return the comparisons of some charts with the newest release, which `carbon check` runs.

    Raises:
        CarbonError: the index or an archive of a release is invalid.
    """
    sides = _find_sides(checkout)
    return plan_tasks(*sides, charts=charts) if sides else []


def run_comparison(task: Task) -> Result:
    """Compare, and store the findings for the summary; `carbon check` reports none of them."""
    store_findings(task)
    return Result()


def examine_and_compare(root: Path, case: Case, comparison: Task | None) -> Result:
    """Examine a case of `carbon check`, and compare its objects with those of the newest release.

    The comparison renders the checkout again only if the release has other values. No template of
    this project reads .Release.IsUpgrade, so an install and an upgrade render the same objects.
    """
    result = examine_case(root, case)
    if comparison:
        store_findings(comparison, {case.values: result.bodies})
    return result


def find_small_version(summary: Summary) -> list[Finding]:
    """Return a finding if the declared version is too small."""
    if summary.is_enough:
        return []
    what = f"version {summary.declared} is too small: the changes since {summary.since} need at "
    file = f"{UMBRELLA}/Chart.yaml"
    line = find_in_yaml(ROOT / file, ["version"])
    return [make_finding(ENOUGH, f"{what}least {summary.least}", file, line)]
