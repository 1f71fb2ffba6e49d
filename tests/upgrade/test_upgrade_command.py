"""`carbon upgrade`: where it stops, and the flags."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.upgrade.fake_cluster import make_cluster, write_chart
from tests.upgrade.upgrading import Call, call, fail, new, old

from carbon.errors import CarbonError
from carbon.platform import release

__all__ = ["call", "new", "old"]


@pytest.mark.parametrize(("method", "flag"), [("ssa", True), ("csa", False), ("", False)])
def test_the_flags_fit_the_helm_that_made_the_release(
    old: Path, new: Path, call: Call, method: str, flag: bool
) -> None:
    target = make_cluster((old, "deployed", method))
    done = call(target, new)
    assert done.exit_code == 0, done.output
    assert target.state.verbs == ["upgrade", "test"]
    words = target.state.find("upgrade")
    assert ("--force-conflicts" in words) is flag
    assert "--wait" in words
    assert "ConfigMap/store" in done.output

    again = make_cluster((old, "deployed", method))
    release.apply(again, new, {}, "install")
    assert ("--force-conflicts" in again.state.find("upgrade")) is flag


def test_the_flags_are_those_of_the_newest_revision(old: Path, new: Path) -> None:
    target = make_cluster((old, "deployed", ""), (new, "failed", "ssa"))
    release.apply(target, new, {}, "install")
    assert "--force-conflicts" in target.state.find("upgrade")


def test_helm_does_not_wait_for_the_custom_resources_of_a_release_with_a_raycluster(
    old: Path, new: Path, call: Call
) -> None:
    for chart in (old, new):
        with (chart / "templates" / "all.yaml").open("a") as file:
            file.write("---\n{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: ray}}\n")
    target = make_cluster((old, "deployed", "ssa"))
    target.state.failures |= {"upgrade": "Error: first", "rollback": "Error: second"}
    message = fail(target, new, call)
    for verb in ("upgrade", "rollback"):
        assert "--wait=legacy" in target.state.find(verb)
        assert "--wait" not in target.state.find(verb)
    assert "rollback store 1 --wait=legacy --force-conflicts" in message


def test_a_missing_values_file_is_invalid_input(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "ssa"))
    done = call(target, new, "--values", "none.yaml")
    assert done.exit_code == 2, done.output
    assert "none.yaml is missing" in done.output
    assert target.state.verbs == []


def test_a_dry_run_changes_nothing(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "ssa"), (new, "pending-upgrade", "ssa"))
    done = call(target, new, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "revision 2 is pending-upgrade, rolling back to revision 1" in done.output
    assert f"carbon upgrade {new}" in done.output
    assert target.state.verbs == []


def test_a_pending_release_is_rolled_back_before_the_upgrade(
    old: Path, new: Path, call: Call
) -> None:
    target = make_cluster((old, "deployed", "ssa"), (new, "pending-upgrade", "ssa"))
    done = call(target, new)
    assert done.exit_code == 0, done.output
    assert target.state.verbs == ["rollback", "upgrade", "test"]
    assert "--force-conflicts" in target.state.find("rollback")


def test_an_operation_that_can_still_run_is_not_touched(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "deployed", "ssa"))
    target.state.add(new, "pending-upgrade", "ssa", timedelta(minutes=2))
    done = call(target, new)
    assert "Wait until it ends" in str(done.exception)
    assert target.state.verbs == []


def test_an_upgrade_that_needs_a_person_starts_with_yes_only(
    old: Path, tmp_path: Path, call: Call
) -> None:
    new = write_chart(tmp_path / "raised", text="2", data="redis-log=2, postgresql=15")
    target = make_cluster((old, "deployed", "ssa"))
    stopped = call(target, new)
    assert stopped.exit_code == 4
    assert "data-services (data/revision)" in stopped.output
    assert f"carbon upgrade {new} --context shared" in stopped.output
    assert "--yes" in stopped.output
    assert target.state.verbs == []
    assert call(target, new, "--yes").exit_code == 0
    assert target.state.verbs == ["upgrade", "test"]


@pytest.mark.parametrize(
    ("data", "arguments", "status"),
    [
        ("redis-log=2, postgresql=15", (), 4),
        ("redis-log=1, postgresql=16", ("--yes",), 3),
        ("redis-log=1, postgresql=15, later=1", ("--yes",), 3),
    ],
    ids=["a person can go back", "nothing can go back", "unknown data"],
)
def test_a_version_that_does_not_read_the_data_is_refused(
    old: Path, tmp_path: Path, call: Call, data: str, arguments: tuple[str, ...], status: int
) -> None:
    target = make_cluster((write_chart(tmp_path / "later", "2", data), "deployed", "ssa"))
    refused = call(target, old, *arguments)
    assert refused.exit_code == status, refused.output
    assert "does not read these data" in refused.output
    assert "section 'Go back'" in refused.output
    assert ("--yes" in refused.output) is (status == 4)
    assert target.state.verbs == []


def test_a_person_goes_back_with_yes(old: Path, tmp_path: Path, call: Call) -> None:
    later = write_chart(tmp_path / "later", "2", "redis-log=2, postgresql=15")
    target = make_cluster((later, "deployed", "ssa"))
    assert call(target, old, "--yes").exit_code == 0
    assert target.state.verbs == ["upgrade", "test"]


def test_data_that_a_failed_upgrade_may_have_changed_count(
    old: Path, tmp_path: Path, call: Call
) -> None:
    later = write_chart(tmp_path / "later", "2", "redis-log=1, postgresql=16")
    target = make_cluster((old, "deployed", "ssa"), (later, "failed", "ssa"))
    assert call(target, old, "--yes").exit_code == 3
    assert target.state.verbs == []


def test_an_older_checkout_refuses_to_install(tmp_path: Path) -> None:
    later = write_chart(tmp_path / "later", "2", "redis-log=99, postgresql=15")
    target = make_cluster((later, "deployed", "ssa"))
    with pytest.raises(CarbonError, match="redis-log: revision 99, not 2") as refused:
        release.install(target, {})
    assert "docs/redis-to-valkey.md" in refused.value.what
    assert target.state.verbs == []


def test_a_release_without_a_deployed_revision_is_refused(old: Path, new: Path, call: Call) -> None:
    target = make_cluster((old, "pending-install", "ssa"))
    assert "no revision of release store is deployed" in fail(target, new, call)


def test_another_chart_is_an_invalid_input(tmp_path: Path, old: Path, call: Call) -> None:
    other = write_chart(tmp_path / "other")
    meta = (other / "Chart.yaml").read_text().replace("data-services", "web")
    (other / "Chart.yaml").write_text(meta)
    target = make_cluster((old, "deployed", "ssa"))
    refused = call(target, other)
    assert refused.exit_code == 2
    assert "is of the chart data-services, not of web" in refused.output
