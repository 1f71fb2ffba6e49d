"""A result is kept under the hash of all that it depends on, and of little else."""

from pathlib import Path

import pytest
from tests.check.mutation import Mutation

from carbon.charts.discovery import Chart, read_chart
from carbon.check.engine import digests
from carbon.check.programs import chart_testing, helm_unittest

MLFLOW = "charts/mlflow/templates"
LOOKS = "server"
"""The file of mlflow's tests that has only server/deployment.yaml drawn."""


def chart(root: Path, folder: str) -> Chart:
    """A chart of a copy of the checkout."""
    return read_chart(root / folder)


@pytest.mark.parametrize(
    ("file", "depends"),
    [
        (f"{MLFLOW}/server/deployment.yaml", True),
        (f"{MLFLOW}/_server.tpl", True),
        ("charts/common/templates/_pods.tpl", True),
        ("charts/mlflow/values.yaml", True),
        ("charts/mlflow/tests/server_test.yaml", True),
        (f"{MLFLOW}/server/service.yaml", False),
        ("charts/mlflow/tests/users_test.yaml", False),
    ],
)
def test_what_a_file_of_tests_depends_on(root: Path, file: str, depends: bool) -> None:
    path = root / f"charts/mlflow/tests/{LOOKS}_test.yaml"
    before = helm_unittest.hash_tests(chart(root, "charts/mlflow"))[path]
    Mutation("", file, "", "\n# more\n").apply(root)
    assert (helm_unittest.hash_tests(chart(root, "charts/mlflow"))[path] != before) is depends


@pytest.mark.parametrize(
    ("folder", "name"),
    [("charts/mlflow", LOOKS), ("charts/mlflow", "oidc"), ("charts/feast", "jobs")],
)
def test_templates_that_do_not_count_may_be_broken(root: Path, folder: str, name: str) -> None:
    path = root / folder / "tests" / f"{name}_test.yaml"
    before = helm_unittest.hash_tests(chart(root, folder))[path]
    broken = 0
    for inside in templates(root / folder):
        file = (root / folder / inside).resolve().relative_to(root.resolve())
        text = (root / file).read_text("utf-8")
        Mutation("", str(file), "", '{{ fail "broken" }}').apply(root)
        if helm_unittest.hash_tests(chart(root, folder))[path] == before:
            broken += 1
        else:
            (root / file).write_text(text, "utf-8")
            digests.clear_caches()
    assert broken > 10
    assert helm_unittest.run_tests(root, root / folder, path).findings == []


def templates(folder: Path) -> list[Path]:
    """All templates of a chart and of those below it, but for what they share."""
    inside = digests.hash_files(folder)
    return [p for p in inside if "templates" in p.parts and not p.name.startswith("_")]


def test_linting_the_umbrella_looks_at_no_template_of_a_part(root: Path) -> None:
    before = chart_testing.hash_inputs(chart(root, "umbrella"))
    Mutation("", f"{MLFLOW}/server/service.yaml", "", "\n# more\n").apply(root)
    assert chart_testing.hash_inputs(chart(root, "umbrella")) == before
    Mutation("", "umbrella/templates/NOTES.txt", "", "\nmore\n").apply(root)
    assert chart_testing.hash_inputs(chart(root, "umbrella")) != before
