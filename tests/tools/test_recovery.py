"""`tools/up` rolls back or uninstalls a release that an interrupted Helm left unfinished."""

from datetime import UTC, datetime

import pytest

from carbon.platform.history import Revision
from carbon.platform.recovery import plan_recovery

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _build_history(*statuses: str) -> list[Revision]:
    return [Revision(number, status, NOW) for number, status in enumerate(statuses, 1)]


@pytest.mark.parametrize(
    ("statuses", "target"),
    [
        (["superseded", "deployed", "pending-upgrade"], 2),
        (["deployed", "failed", "pending-upgrade"], 1),
        (["superseded", "failed", "pending-rollback"], 1),
        (["deployed", "pending-upgrade", "pending-upgrade"], 1),
    ],
)
def test_a_pending_upgrade_or_rollback_is_rolled_back_to_the_newest_deployed_revision(
    statuses: list[str], target: int
) -> None:
    recovery = plan_recovery(_build_history(*statuses))
    assert recovery
    assert recovery.target == target


@pytest.mark.parametrize("statuses", [["pending-install"], ["failed", "pending-upgrade"]])
def test_a_pending_release_without_a_revision_to_roll_back_to_is_uninstalled(
    statuses: list[str],
) -> None:
    recovery = plan_recovery(_build_history(*statuses))
    assert recovery
    assert recovery.target is None


def test_an_interrupted_uninstall_is_completed() -> None:
    recovery = plan_recovery(_build_history("deployed", "uninstalling"))
    assert recovery
    assert recovery.target is None


@pytest.mark.parametrize("statuses", [[], ["deployed"], ["superseded", "failed"]])
def test_a_release_that_is_not_pending_is_not_changed(statuses: list[str]) -> None:
    assert plan_recovery(_build_history(*statuses)) is None
