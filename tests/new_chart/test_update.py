"""Changes of the template reach a chart; edits of the chart stay."""

from pathlib import Path

import pytest
from tests.checkouts import run_carbon, run_git
from tests.new_chart.conftest import ANSWERS

from carbon.errors import CarbonError
from carbon.scaffold.drift import list_charts
from carbon.scaffold.merge import Merged, merge_file
from carbon.scaffold.rule import check_template
from carbon.scaffold.template import ANSWERS as STORED
from carbon.scaffold.template import FOLDER, hash_template
from carbon.scaffold.update import update_charts

CHART = Path("charts") / ANSWERS.name
MLFLOW, BACKUP = Path("charts/mlflow"), Path("charts/backup")
"""Charts that take files of the template, written without it."""
SOURCE = Path("tools/chart-template/files/charts/[[ name ]]")
RULES = "templates/monitoring/prometheusrule.yaml"
DEPLOYMENT = "templates/server/deployment.yaml"


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def commit(root: Path) -> None:
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message", "an edit")


def change_template(root: Path) -> None:
    """Change a whole file of the template, a part of a file, and a file of the chart's authors."""
    replace(
        root / SOURCE / "templates/[[ kind ]]/deployment.yaml.jinja", "maxSurge: 1", "maxSurge: 2"
    )
    replace(root / SOURCE / "values.yaml.jinja", "replicas: 2", "replicas: 4")
    replace(root / SOURCE / "files" / "server.py", "not found", "nothing")
    replace(root / SOURCE / f"{RULES}.jinja", "{{- end }}", "{{- /* [[ name ]] */}}\n{{- end }}")
    replace(root / SOURCE / "Chart.yaml.jinja", "home: https", "icon: https://i.svg\nhome: https")
    (root / SOURCE / "templates" / "[[ kind ]]" / "new.yaml.jinja").write_text("# [[ name ]]\n")


def test_a_change_of_the_template_reaches_all_its_charts_and_keeps_edits(edited: Path) -> None:
    chart = edited / CHART
    replace(edited / MLFLOW / RULES, '"name"', '"named"')
    replace(edited / MLFLOW / "Chart.yaml", "appVersion: ", "appVersion: 1")
    replace(chart / DEPLOYMENT, "name: scripts", "name: programs")
    replace(chart / "values.yaml", "greeting: Hello", "greeting: Welcome")
    change_template(edited)
    commit(edited)
    before = (chart / STORED).read_text()
    done = run_carbon(edited, "new-chart", "--update")
    assert done.returncode == 0, done.stdout
    deployment = (chart / DEPLOYMENT).read_text()
    assert ("maxSurge: 2" in deployment, "name: programs" in deployment) == (True, True)
    values = (chart / "values.yaml").read_text()
    assert ("greeting: Welcome" in values, "replicas: 4" in values) == (True, True)
    assert "not found" in (chart / "files" / "server.py").read_text()
    assert (chart / "templates/server/new.yaml").read_text() == f"# {ANSWERS.name}\n"
    assert (chart / STORED).read_text() != before
    assert "| `replicas` | integer | `4` |" in (chart / "README.md").read_text()
    rules = (edited / MLFLOW / RULES).read_text()
    assert ("/* mlflow */" in rules, '"named"' in rules) == (True, True)
    for each in (CHART, MLFLOW, BACKUP):
        assert "icon: https://i.svg\n" in (edited / each / "Chart.yaml").read_text()
    assert "appVersion: 1" in (edited / MLFLOW / "Chart.yaml").read_text()
    assert not (edited / BACKUP / RULES).exists()
    assert {
        finding.file
        for name in list_charts(edited)
        for finding in check_template(edited, edited / "charts" / name).findings
    } == {str(CHART / DEPLOYMENT), str(MLFLOW / RULES)}
    commit(edited)
    assert update_charts(edited, list_charts(edited)) == ([], [])


def test_a_change_of_files_that_a_chart_does_not_take_does_not_touch_it(edited: Path) -> None:
    replace(edited / SOURCE / f"{RULES}.jinja", "{{- end }}", "{{- /* a */}}\n{{- end }}")
    commit(edited)
    paths, conflicts = update_charts(edited, ["backup", "mlflow"])
    assert (conflicts, {str(path.relative_to(edited)) for path in paths}) == (
        [],
        {str(MLFLOW / STORED), str(MLFLOW / RULES)},
    )


def test_a_conflict_is_reported_with_file_and_line(edited: Path) -> None:
    chart = edited / CHART
    rules = edited / MLFLOW / RULES
    replace(rules, "{{- end }}", "{{- /* mine */}}\n{{- end }}")
    replace(chart / DEPLOYMENT, "maxSurge: 1", "maxSurge: 3")
    replace(chart / "values.yaml", "replicas: 2", "replicas: 6")
    change_template(edited)
    commit(edited)
    done = run_carbon(edited, "new-chart", "--update")
    assert done.returncode == 1
    for file in (CHART / DEPLOYMENT, CHART / "values.yaml", MLFLOW / RULES):
        lines = (edited / file).read_text().splitlines()
        place = f"{file}:{lines.index('<<<<<<< chart') + 1}"
        assert place in "".join(done.stdout.split("\n")), done.stdout


def lose_version(root: Path) -> None:
    stored = root / CHART / STORED
    lines = [line for line in stored.read_text().splitlines() if not line.startswith("template:")]
    stored.write_text("\n".join([*lines, "template: lost\n"]))


def test_without_its_version_a_chart_that_equals_the_template_gets_the_present_one(
    edited: Path,
) -> None:
    before = (edited / CHART / STORED).read_text()
    lose_version(edited)
    commit(edited)
    assert update_charts(edited, [ANSWERS.name]) == ([edited / CHART / STORED], [])
    assert (edited / CHART / STORED).read_text() == before


def test_modules_that_python_compiled_do_not_change_the_version(edited: Path) -> None:
    version = hash_template(edited / FOLDER)
    (edited / SOURCE / "files" / "server.pyc").write_bytes(b"0")
    assert hash_template(edited / FOLDER) == version


def test_without_its_version_a_chart_that_differs_is_refused(edited: Path) -> None:
    lose_version(edited)
    replace(edited / CHART / DEPLOYMENT, "maxSurge: 1", "maxSurge: 3")
    commit(edited)
    with pytest.raises(CarbonError, match="no commit has the version"):
        update_charts(edited, [ANSWERS.name])
    assert run_git(edited, "status", "--porcelain") == ""


A, B = "a\n", "b\n"


@pytest.mark.parametrize(
    ("found", "old", "new", "merged"),
    [
        (None, None, A, Merged(A)),
        (None, A, A, Merged(None)),
        (None, A, B, Merged(None, [1])),
        (A, A, None, Merged(None)),
        (B, A, None, Merged(B, [1])),
        (A, A, B, Merged(B)),
        (B, A, A, Merged(B)),
        (B, A, B, Merged(B)),
        (B, A, "# begin template\n# end template\n", Merged(B, [1])),
    ],
)
def test_files_that_one_side_lacks_or_changed_are_merged(
    found: str | None, old: str | None, new: str | None, merged: Merged
) -> None:
    assert merge_file(found, old, new) == merged
