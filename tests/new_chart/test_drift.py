"""Lines that the chart template owns differ from the template."""

import re
from pathlib import Path

import pytest
from tests.checkouts import run_git
from tests.new_chart.conftest import ANSWERS

from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.scaffold import remove
from carbon.scaffold.drift import find_drift, list_charts
from carbon.scaffold.remove import remove_chart
from carbon.scaffold.rule import TEMPLATE, check_template

CHART = f"charts/{ANSWERS.name}"
OWNED = [
    (f"{CHART}/.helmignore", "tests/"),
    (f"{CHART}/.template.yaml", "# Answers"),
    (f"{CHART}/Chart.yaml", "kubeVersion:"),
    (f"{CHART}/alerts/{ANSWERS.name}.yaml", "for: 3m"),
    (f"{CHART}/ci/default-values.yaml", "{}"),
    (f"{CHART}/ci/full-values.yaml", "replicas: 3"),
    (f"{CHART}/ci/single-values.yaml", "replicas: 1"),
    (f"{CHART}/dashboards/{ANSWERS.name}.yaml", "title: Servers"),
    (f"{CHART}/files/serving.py", "server_close"),
    (f"{CHART}/templates/_capacity.tpl", "test.resources"),
    (f"{CHART}/templates/_checks.tpl", "routeChecks"),
    (f"{CHART}/templates/monitoring/dashboards.yaml", "common.dashboards"),
    (f"{CHART}/templates/monitoring/prometheusrule.yaml", "common.name"),
    (f"{CHART}/templates/routes/httproute.yaml", "port"),
    (f"{CHART}/templates/server/deployment.yaml", "maxSurge: 1"),
    (f"{CHART}/templates/server/podmonitor.yaml", "http"),
    (f"{CHART}/templates/server/service.yaml", "appProtocol"),
    (f"{CHART}/templates/test/pod.yaml", "test.py"),
    (f"{CHART}/tests/alerts/{ANSWERS.name}.yaml", "1x30"),
    (f"{CHART}/values.yaml", "replicas: 2"),
    (f"docs/runbooks/{ANSWERS.name}.md", "Prometheus has scraped no server"),
]
"""File, and text in a line that the template owns."""
OTHERS = [
    (f"{CHART}/Chart.yaml", "appVersion:"),
    (f"{CHART}/ci/full-values.yaml", "greeting:"),
    (f"{CHART}/dashboards/{ANSWERS.name}.yaml", "Requests per second, by status"),
    (f"{CHART}/files/server.py", "not found"),
    (f"{CHART}/templates/_server.tpl", "ownChecks"),
    (f"{CHART}/tests/server_test.yaml", "Good morning"),
    (f"{CHART}/values.schema.yaml", "minLength"),
    (f"{CHART}/values.yaml", "greeting:"),
    (f"schemas/metrics/{ANSWERS.name}.yaml", "source:"),
]
MLFLOW = "charts/mlflow"
"""A chart that takes files of the template and was written without it."""
TAKEN = [
    (f"{MLFLOW}/.helmignore", "ci/"),
    (f"{MLFLOW}/Chart.yaml", "artifacthub.io/license"),
    (f"{MLFLOW}/ci/default-values.yaml", "{}"),
    (f"{MLFLOW}/templates/monitoring/prometheusrule.yaml", "alerts/mlflow"),
    (f"{MLFLOW}/templates/server/service.yaml", "port: 5000"),
    (f"{MLFLOW}/templates/validation/checks.yaml", "mlflow.checks"),
]
NOT_TAKEN = [
    (f"{MLFLOW}/Chart.yaml", "appVersion:"),
    (f"{MLFLOW}/Chart.yaml", "schemaRevision"),
    (f"{MLFLOW}/templates/server/deployment.yaml", "replicas:"),
    (f"{MLFLOW}/templates/routes/ingress.yaml", "portName"),
    (f"{MLFLOW}/values.yaml", "replicas:"),
]


def edit(path: Path, text: str) -> int:
    """Add a word to the first line with a text, and return the number of the line."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if text in line)
    lines[at] = lines[at].rstrip("\n") + " # edited\n"
    path.write_text("".join(lines), "utf-8")
    return at + 1


def test_each_edit_of_a_line_that_the_template_owns_is_found(edited: Path) -> None:
    assert len(OWNED) > 20
    edits = {(file, edit(edited / file, text)) for file, text in OWNED}
    findings = check_template(edited, edited / CHART).findings
    assert {(finding.file, finding.line) for finding in findings} == edits
    assert {finding.rule for finding in findings} == {TEMPLATE}


def test_edits_of_other_lines_and_new_files_are_not_found(edited: Path) -> None:
    for file, text in OTHERS:
        edit(edited / file, text)
    (edited / CHART / "templates" / "server" / "role.yaml").write_text("# My own file.\n")
    assert check_template(edited, edited / CHART).findings == []


def test_each_chart_of_the_repository_takes_files_of_the_template() -> None:
    charts = {path.parent.name for path in (ROOT / "charts").glob("*/values.yaml")}
    assert set(list_charts(ROOT)) == charts


def test_in_a_chart_that_takes_files_their_edits_are_found_and_no_others(edited: Path) -> None:
    for file, text in NOT_TAKEN:
        edit(edited / file, text)
    edits = {(Path(file), edit(edited / file, text)) for file, text in TAKEN}
    assert {(drift.file, drift.line) for drift in find_drift(edited, "mlflow")} == edits


def test_a_taken_file_that_the_template_lacks_is_found(edited: Path) -> None:
    stored = edited / MLFLOW / ".template.yaml"
    stored.write_text(stored.read_text().replace("service.yaml", "services.yaml"))
    assert [drift.what for drift in find_drift(edited, "mlflow")] == [
        "the template has no file templates/server/services.yaml"
    ]


def test_a_chart_that_was_written_without_the_template_is_not_removed(edited: Path) -> None:
    with pytest.raises(CarbonError, match=re.escape("was not created by tools/new-chart")):
        remove_chart(edited, "mlflow")
    assert run_git(edited, "status", "--porcelain") == ""


def test_a_missing_file_and_a_link_to_another_folder_are_found(edited: Path) -> None:
    (edited / CHART / ".helmignore").unlink()
    link = edited / "umbrella" / "charts" / ANSWERS.name
    link.unlink()
    link.symlink_to("../../charts/mlflow")
    findings = check_template(edited, edited / CHART).findings
    assert [finding.what for finding in findings] == [
        "the file is missing",
        f"the file is not a link to ../../charts/{ANSWERS.name}",
    ]


def test_removing_a_chart_with_edits_undoes_its_creation(
    edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remove, "build_documents", dict)  # these are the documents of ROOT
    monkeypatch.setattr(remove, "require_clean", lambda _: None)
    for file, text in OTHERS:
        edit(edited / file, text)
    values = edited / "umbrella" / "values.yaml"
    values.write_text(values.read_text().replace(f"{ANSWERS.name}:", f"{ANSWERS.name}:\n  a: 1"))
    remove_chart(edited, ANSWERS.name)
    run_git(edited, "checkout", "HEAD~1", "--", "README.md", "docs/who-talks-to-whom.md")
    run_git(edited, "add", "--all")
    assert run_git(edited, "diff", "--cached", "HEAD~1", "--stat") == ""
    assert not (edited / CHART).exists()
