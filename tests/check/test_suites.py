"""Findings about the umbrella's capacity name the workload; findings of pytest name the test."""

from pathlib import Path

import pytest
from tests.check.mutation import Mutation, write_text

from carbon.check.capacity.comparison import COUNTED
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.plan import plan_tasks
from carbon.check.programs import pytest_suites
from carbon.check.programs.pytest_suites import FOLDER, INPUTS, PYTEST, list_suites, run_suite
from carbon.check.render.examination import Examination
from carbon.files import read_yaml
from carbon.home import ROOT

CAPACITY = Path("charts/mlflow/templates/_capacity.tpl")


def test_a_workload_that_capacity_tpl_does_not_count_is_reported(root: Path) -> None:
    lines = (root / CAPACITY).read_text("utf-8").splitlines(keepends=True)
    write_text(root / CAPACITY, "".join(line for line in lines if "migration/job" not in line))
    case = Mutation("", chart="umbrella").build_case(root)
    findings = Examination(Checkout(root), case).run().findings
    assert [(f.rule, f.file) for f in findings] == [(COUNTED, str(CAPACITY))]
    assert findings[0].what.endswith("the difference is Job/mlflow-migration")


def test_a_failed_test_is_reported_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text("def test_passes():\n    pass\n\n\ndef test_fails():\n    assert 1 == 2\n")
    result = run_suite(tmp_path, "mlflow", path)
    assert result.counts == {"tests": 2}
    found = [(f.rule, f.file, f.line, f.what.splitlines()) for f in result.findings]
    assert found == [(PYTEST, "test_it.py", 5, ["test_fails", "assert 1 == 2"])]


def test_a_test_that_does_not_end_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytest_suites, "LONGEST", 1)
    path = tmp_path / "test_it.py"
    path.write_text(
        "import subprocess\n\n\ndef test_waits():\n    subprocess.run(['sleep', '600'])\n"
    )
    result = run_suite(tmp_path, "mlflow", path)
    assert [(f.rule, f.line) for f in result.findings] == [(PYTEST, 4)]
    assert "Timeout" in result.findings[0].what


def test_a_check_of_all_charts_runs_every_listed_file_with_tests() -> None:
    listed = read_yaml(ROOT / INPUTS)
    assert listed.keys() == {path.name for path in (ROOT / FOLDER).glob("test_*.py")}
    assert [p for paths in listed.values() for p in paths if not (ROOT / p).exists()] == []
    checkout = Checkout(ROOT)
    labels = {task.label for task in plan_tasks(checkout, checkout.charts, {"suites"})}
    assert {f"pytest {name}" for name in listed} == {each for each in labels if "pytest" in each}


def test_a_checkout_without_tests_has_no_pytest_suites(root: Path) -> None:
    assert list(list_suites(Checkout(root))) == []
