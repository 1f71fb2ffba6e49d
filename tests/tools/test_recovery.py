"""`tools/up` recovers a Helm release that a killed Helm left in a pending status."""

from datetime import UTC, datetime

import pytest

from carbon.platform.recovery import Revision, plan_recovery

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
def test_a_pending_upgrade_goes_back_to_the_newest_revision_that_was_deployed(
    statuses: list[str], target: int
) -> None:
    recovery = plan_recovery(_build_history(*statuses))
    assert recovery
    assert recovery.target == target


@pytest.mark.parametrize(
    "statuses", [["pending-install"], ["failed", "pending-upgrade"], ["deployed", "uninstalling"]]
)
def test_a_release_that_was_never_deployed_is_uninstalled(statuses: list[str]) -> None:
    recovery = plan_recovery(_build_history(*statuses))
    assert recovery
    assert recovery.target is None


@pytest.mark.parametrize("statuses", [[], ["deployed"], ["superseded", "failed"]])
def test_a_release_that_is_not_pending_is_left_alone(statuses: list[str]) -> None:
    assert plan_recovery(_build_history(*statuses)) is None
