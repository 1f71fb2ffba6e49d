"""The table of tiers, which of them run, and what is counted."""

from pathlib import Path

import pytest

from carbon.errors import CarbonError
from carbon.externals.table import External, load
from carbon.testing.outcome import Outcome, counted, total
from carbon.testing.tiers import TABLE, Suite, Tier, needs, own, plan, tiers

SUITE = Suite("static", "charts", "pytest --junit-xml=$report tests/charts")
TIERS = {
    "static": Tier("static", "", always=True, parallel=True, suites=(SUITE,)),
    "ops": Tier("ops", "", always=False, parallel=False, suites=(SUITE,)),
    "mesh": Tier("mesh", "", always=False, parallel=False, suites=(SUITE,)),
}
MISSING = {"static": ["helm"], "ops": [], "mesh": ["istio"]}


def names(run: tuple[Tier, ...]) -> list[str]:
    return [tier.name for tier in run]


def test_by_default_a_further_tier_runs_only_if_its_own_programs_are_built() -> None:
    chosen = plan(TIERS, MISSING, [])
    assert names(chosen.runs) == ["static", "ops"]
    assert chosen.left_out == {"mesh": "not built: istio (--tier mesh builds it)"}


def test_all_and_named_tiers_run_whatever_is_built() -> None:
    assert names(plan(TIERS, MISSING, ["all"]).runs) == ["static", "ops", "mesh"]
    chosen = plan(TIERS, MISSING, ["mesh"])
    assert names(chosen.runs) == ["mesh"]
    assert chosen.left_out == {"static": "not asked for", "ops": "not asked for"}


def test_without_root_only_what_needs_no_cluster_runs() -> None:
    chosen = plan(TIERS, MISSING, [], is_root=False)
    assert names(chosen.runs) == ["static"]
    assert chosen.left_out == {"ops": "needs root", "mesh": "needs root"}
    with pytest.raises(CarbonError, match="needs root"):
        plan(TIERS, MISSING, ["ops"], is_root=False)


def test_an_unknown_tier_is_refused_by_name() -> None:
    with pytest.raises(CarbonError, match="no tier opps") as refused:
        plan(TIERS, MISSING, ["opps"])
    assert "static, ops, mesh, all" in refused.value.remedy


def test_a_tier_needs_its_own_programs_and_those_below() -> None:
    def row(name: str, tier: str) -> External:
        return External(name, "", tier, "1.0.0", {}, {}, "")

    rows = {n: row(n, t) for n, t in {"helm": "static", "etcd": "core", "velero": "ops"}.items()}
    assert needs("static", rows) == ["helm"]
    assert needs("core", rows) == ["helm", "etcd"]
    assert needs("ops", rows) == ["helm", "etcd", "velero"]
    assert needs("mesh", rows) == ["helm", "etcd"]
    assert [own("ops", rows), own("mesh", rows)] == [["velero"], []]


def test_a_suite_without_tests_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "tests" / "tools").mkdir(parents=True)
    (tmp_path / "tests" / "tiers.yaml").write_bytes(TABLE.read_bytes())
    assert "tools" not in [suite.name for suite in tiers(tmp_path)["static"].suites]
    (tmp_path / "tests" / "tools" / "test_x.py").touch()
    assert "tools" in [suite.name for suite in tiers(tmp_path)["static"].suites]
    assert "core" not in tiers(tmp_path)
    assert "renders" not in [suite.name for suite in tiers(tmp_path)["static"].suites]
    (tmp_path / "tests" / "charts").mkdir()
    (tmp_path / "tests" / "charts" / "test_render.py").touch()
    assert "renders" in [suite.name for suite in tiers(tmp_path)["static"].suites]


def test_every_external_belongs_to_a_tier() -> None:
    table = TABLE.read_text()
    for external in load().values():
        assert f"\n{external.tier}:\n" in table, f"{external.name}: no tier {external.tier}"


def test_a_report_and_charts_go_where_the_command_says() -> None:
    suite = Suite("static", "x", "helm-unittest --output-file $report $charts")
    args = suite.args(Path("/a b/r.xml"), [Path("charts/a"), Path("charts/b")])
    assert args == ["helm-unittest", "--output-file", "/a b/r.xml", "charts/a", "charts/b"]


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
    outcome = counted("core", "live", 1, report, 3)
    assert (outcome.passed, outcome.failed, outcome.state) == (2, 2, "failed")
    assert outcome.notes == ("no cluster",)


def test_a_suite_that_broke_off_has_failed_whatever_its_report_says(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text('<testsuite><testcase name="a"/></testsuite>')
    assert counted("core", "live", 2, report, 0).state == "failed"
    report.unlink()
    assert counted("core", "live", 2, report, 0).failed == 1


def test_a_suite_without_a_report_counts_as_one() -> None:
    assert counted("static", "ruff", 0, None, 0).passed == 1
    assert counted("static", "ruff", 1, None, 0).failed == 1


def test_no_tests_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text("<testsuites/>")
    for outcome in (
        counted("core", "live", 5, tmp_path / "no report", 0),
        counted("static", "helm-unittest", 0, report, 0),
    ):
        assert (outcome.state, outcome.notes) == ("not run", ("no tests",))


def test_the_last_line_sums_over_suites() -> None:
    outcomes = [Outcome("static", "a", 3, 0), Outcome("core", "b", 4, 2)]
    assert total(outcomes) == "7 passed, 2 failed"
