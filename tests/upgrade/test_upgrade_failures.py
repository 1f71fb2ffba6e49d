"""`carbon upgrade`: what happens if the upgrade fails, or was killed before."""

from pathlib import Path

import pytest
from tests.upgrade.fake_cluster import make_cluster, write_chart
from tests.upgrade.upgrading import Call, call, fail, new, old

__all__ = ["call", "new", "old"]


@pytest.mark.parametrize("killed", [True, False])
@pytest.mark.parametrize(("method", "deleted"), [("csa", True), ("ssa", False)])
def test_jobs_that_a_rollback_cannot_patch_are_deleted(
    old: Path, new: Path, call: Call, killed: bool, method: str, deleted: bool
) -> None:
    for name, chart in {"old": old, "new": new}.items():
        with (chart / "templates" / "all.yaml").open("a") as file:
            file.write(f"---\n{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}}}\n")
    pending = [(new, "pending-upgrade", method)] if killed else []
    target = make_cluster((old, "deployed", method), *pending)
    if not killed:
        target.state.failures["upgrade"] = "Error: refused"
    done = call(target, new)
    assert "rollback" in target.state.verbs
    assert ("deleted Jobs that Helm creates again: Job old\n" in done.output) is deleted


def test_a_failed_upgrade_is_rolled_back(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "csa"))
    target.state.failures["upgrade"] = "Error: UPGRADE FAILED: resource not ready"
    message = fail(target, new, call)
    assert "resource not ready" in message
    assert "rolled back to revision 1, which serves" in message
    assert "run the same command again" in message
    assert target.state.find("rollback")[:3] == ["rollback", "store", "1"]
    assert "--force-conflicts" not in target.state.find("rollback")
    assert target.state.revisions[-1]["chart"] == old


def test_a_refused_upgrade_changes_nothing(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "ssa"))
    target.state.failures["upgrade"] = "Error: values don't meet the specifications"
    target.state.refused = True
    assert "release store serves as before" in fail(target, new, call)
    assert target.state.verbs == ["upgrade"]


def test_an_upgrade_that_changed_data_for_good_is_not_rolled_back(
    old: Path, tmp_path: Path, call: Call
) -> None:
    new = write_chart(tmp_path / "raised", text="2", data="redis-log=1, postgresql=16")
    target = make_cluster((old, "deployed", "ssa"))
    target.state.failures["upgrade"] = "Error: UPGRADE FAILED: timed out"
    message = fail(target, new, call, "--yes")
    assert "is not rolled back" in message
    assert "(postgresql)" in message
    assert target.state.verbs == ["upgrade"]
    assert "is not rolled back" in fail(target, new, call)
    assert target.state.verbs == ["upgrade", "upgrade"]


def test_both_failures_are_reported_if_the_rollback_fails(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "ssa"))
    target.state.failures |= {"upgrade": "Error: first", "rollback": "Error: second"}
    message = fail(target, new, call)
    assert "Error: first" in message
    assert "Error: second" in message
    assert "helm -n apps --kube-context shared rollback store 1 --wait" in message


def test_a_failed_test_states_that_the_upgrade_is_complete(
    old: Path, new: Path, call: Call
) -> None:
    target = make_cluster((old, "deployed", "ssa"))
    target.state.failures["test"] = "Error: pod store-test failed"
    message = fail(target, new, call)
    assert "pod store-test failed" in message
    assert "has version 1.1.0: the upgrade itself is complete" in message
    assert target.state.verbs == ["upgrade", "test"]
