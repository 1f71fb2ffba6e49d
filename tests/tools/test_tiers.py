"""Tests of the tiers in tests/tiers.yaml.

They cover which tiers run, which programs a tier needs, and how passed and failed tests are
counted.
"""

from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.externals.table import External, read_table
from carbon.testing.outcome import Outcome, read_outcome, summarize
from carbon.testing.tiers import TABLE, Suite, Tier, plan, read_tiers, select_externals

SUITE = Suite("static", "charts", "pytest --junit-xml=$report tests/charts")
TIERS = {name: Tier(name, "", False, (SUITE,)) for name in ("static", "core", "ops", "mesh")}


def get_names(run: tuple[Tier, ...]) -> list[str]:
    return [tier.name for tier in run]


def test_without_requested_tiers_static_and_core_run() -> None:
    chosen = plan(TIERS, [])
    assert get_names(chosen.runs) == ["static", "core"]
    assert chosen.skipped == {
        "ops": "not requested (--tier ops)",
        "mesh": "not requested (--tier mesh)",
    }


def test_without_requested_tiers_this_repository_runs_static_and_core() -> None:
    assert get_names(plan(read_tiers(), []).runs) == ["static", "core"]


def test_only_requested_tiers_run() -> None:
    assert get_names(plan(TIERS, ["all"]).runs) == ["static", "core", "ops", "mesh"]
    assert not plan(TIERS, ["all"]).skipped
    chosen = plan(TIERS, ["mesh"])
    assert get_names(chosen.runs) == ["mesh"]
    assert list(chosen.skipped) == ["static", "core", "ops"]


def test_a_tier_on_demand_runs_only_by_its_name() -> None:
    tiers = {**TIERS, "old": Tier("old", "", False, (SUITE,), on_demand=True)}
    assert get_names(plan(tiers, ["all"]).runs) == list(TIERS)
    assert "old" in plan(tiers, ["all"]).skipped
    assert get_names(plan(tiers, ["old"]).runs) == ["old"]
    assert get_names(plan(tiers, ["all", "old"]).runs) == list(tiers)


def test_without_root_only_static_runs() -> None:
    chosen = plan(TIERS, [], is_root=False)
    assert get_names(chosen.runs) == ["static"]
    assert chosen.skipped["core"] == "needs root"
    assert get_names(plan(TIERS, ["static"], is_root=False).runs) == ["static"]
    with pytest.raises(CarbonError, match="needs root: ops"):
        plan(TIERS, ["static", "ops"], is_root=False)


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(CarbonError, match="unknown tier of tests: opps") as refused:
        plan(TIERS, ["opps"])
    assert "static, core, ops, mesh, all" in refused.value.remedy


def test_a_tier_needs_its_own_programs_and_those_of_static_and_core() -> None:
    def row(name: str, tier: str) -> External:
        return External(name, "", tier, "1.0.0", {}, {}, "")

    rows = {n: row(n, t) for n, t in {"helm": "static", "etcd": "core", "velero": "ops"}.items()}
    assert select_externals("static", rows) == ["helm"]
    assert select_externals("core", rows) == ["helm", "etcd"]
    assert select_externals("ops", rows) == ["helm", "etcd", "velero"]
    assert select_externals("mesh", rows) == ["helm", "etcd"]


def test_a_suite_without_tests_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "tests" / "tools").mkdir(parents=True)
    (tmp_path / "tests" / "tiers.yaml").write_bytes(TABLE.read_bytes())
    assert "tools" not in [suite.name for suite in read_tiers(tmp_path)["static"].suites]
    (tmp_path / "tests" / "tools" / "test_x.py").touch()
    assert "tools" in [suite.name for suite in read_tiers(tmp_path)["static"].suites]
    assert "core" not in read_tiers(tmp_path)
    assert "renders" not in [suite.name for suite in read_tiers(tmp_path)["static"].suites]
    (tmp_path / "tests" / "charts" / "slow").mkdir(parents=True)
    (tmp_path / "tests" / "charts" / "slow" / "test_render.py").touch()
    assert "renders" in [suite.name for suite in read_tiers(tmp_path)["static"].suites]


def test_every_external_program_belongs_to_a_tier() -> None:
    table = TABLE.read_text()
    for external in read_table().values():
        assert f"\n{external.tier}:\n" in table, f"{external.name}: no tier {external.tier}"


def test_a_command_gets_the_path_of_its_report() -> None:
    command = Suite("static", "x", "mypy --junit-xml $report").build_command(Path("/a b/r.xml"))
    assert command == ["mypy", "--junit-xml", "/a b/r.xml"]


REPORT = """<testsuites><testsuite>
  <testcase name="a"/><testcase name="b"/>
  <testcase name="c"><failure message="no"/></testcase>
  <testcase name="d"><error message="broke"/></testcase>
  <testcase name="e"><skipped message="no cluster"/></testcase>
  <testcase name="f"><skipped message="no cluster"/></testcase>
</testsuite></testsuites>"""


def test_tests_are_counted_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text(REPORT)
    outcome = read_outcome("core", "live", 1, report, 3)
    assert (outcome.passed, outcome.failed, outcome.state) == (2, 2, "failed")
    assert outcome.notes == ("no cluster",)


def test_a_suite_that_crashes_has_failed_although_its_report_has_no_failure(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text('<testsuite><testcase name="a"/></testsuite>')
    assert read_outcome("core", "live", 2, report, 0).state == "failed"
    report.unlink()
    assert read_outcome("core", "live", 2, report, 0).failed == 1


def test_a_suite_without_a_report_counts_as_one_test() -> None:
    assert read_outcome("static", "ruff", 0, None, 0).passed == 1
    assert read_outcome("static", "ruff", 1, None, 0).failed == 1


def test_a_suite_that_ran_no_tests_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text("<testsuites/>")
    for outcome in (
        read_outcome("core", "live", 5, tmp_path / "no report", 0),
        read_outcome("static", "helm-unittest", 0, report, 0),
    ):
        assert (outcome.state, outcome.notes) == ("not run", ("no tests",))


def test_the_summary_line_has_the_numbers_of_passed_and_failed_tests_of_all_suites() -> None:
    outcomes = [Outcome("static", "a", 3, 0), Outcome("core", "b", 4, 2)]
    assert summarize(outcomes) == "7 passed, 2 failed"
