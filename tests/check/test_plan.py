"""The cache key of a result changes only with the files that the result depends on."""

from pathlib import Path

import pytest
from tests.check.mutation import append_text, write_text

from carbon.charts.discovery import read_chart
from carbon.check.engine import digests
from carbon.check.programs import chart_testing, helm_unittest

MLFLOW = "charts/mlflow/templates"
SUITE = "server"
"""The file of mlflow's tests that renders server/deployment.yaml only."""


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
def test_a_suite_depends_on_the_templates_that_it_renders(
    root: Path, file: str, depends: bool
) -> None:
    suite = root / f"charts/mlflow/tests/{SUITE}_test.yaml"
    before = hash_suite(suite)
    append_text(root / file, "\n# more\n")
    assert (hash_suite(suite) != before) is depends


@pytest.mark.parametrize(
    ("folder", "name"),
    [("charts/mlflow", SUITE), ("charts/mlflow", "oidc"), ("charts/feast", "jobs")],
)
def test_a_suite_passes_if_the_other_templates_are_broken(
    root: Path, folder: str, name: str
) -> None:
    suite = root / folder / "tests" / f"{name}_test.yaml"
    before = hash_suite(suite)
    broken = 0
    for path in list_templates(root / folder):
        text = path.read_text("utf-8")
        append_text(path, '{{ fail "broken" }}')
        if hash_suite(suite) == before:
            broken += 1
        else:
            write_text(path, text)
    assert broken > 10
    assert helm_unittest.run_tests(root, root / folder, suite).findings == []


def hash_suite(path: Path) -> str:
    """Return the hash of the files that a file of helm-unittest tests depends on."""
    return helm_unittest.hash_tests(read_chart(path.parent.parent))[path]


def list_templates(folder: Path) -> list[Path]:
    """Return the templates of a chart and of its subcharts, without files of named templates."""
    files = [path for path in digests.hash_files(folder) if "templates" in path.parts]
    return [(folder / path).resolve() for path in files if not path.name.startswith("_")]


def test_lint_of_the_umbrella_depends_on_no_template_of_a_subchart(root: Path) -> None:
    umbrella = read_chart(root / "umbrella")
    before = chart_testing.hash_inputs(umbrella)
    append_text(root / MLFLOW / "server" / "service.yaml", "\n# more\n")
    assert chart_testing.hash_inputs(umbrella) == before
    append_text(root / "umbrella" / "templates" / "NOTES.txt", "\nmore\n")
    assert chart_testing.hash_inputs(umbrella) != before
