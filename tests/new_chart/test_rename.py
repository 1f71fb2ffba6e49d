"""`tools/new-chart --rename` moves a chart and its entries, and keeps edits."""

import os
from pathlib import Path

import pytest
from tests.checkouts import run_carbon, run_git
from tests.new_chart.conftest import ANSWERS

from carbon.errors import CarbonError
from carbon.scaffold import rename
from carbon.scaffold.entries import Entry
from carbon.scaffold.entries import rename as rename_entry
from carbon.scaffold.rename import find_mentions, rename_chart
from carbon.scaffold.rule import check_template
from carbon.scaffold.texts import build_rename

NEW = "cost-alerts"
PICTURE = b"\x89PNG \x00 price-alerts \xff"


def write_tree(root: Path) -> str:
    """Return the hash of all files of a checkout."""
    run_git(root, "add", "--all")
    return run_git(root, "write-tree")


@pytest.mark.parametrize(
    ("kind", "name"), [("server", ANSWERS.name), ("store", "price"), ("job", "price-reports")]
)
def test_a_renamed_chart_equals_a_chart_that_was_created_with_the_new_name(
    copy: Path, tmp_path: Path, kind: str, name: str
) -> None:
    trees = []
    for names in ((name, "cost-data"), ("cost-data",)):
        root = tmp_path / names[0]
        run_git(tmp_path, "clone", "--quiet", "--shared", str(copy), str(root))
        run_git(root, "checkout", "--quiet", "--detach", first_commit(copy))
        done = run_carbon(root, "new-chart", names[0], "--kind", kind, "--defaults")
        assert done.returncode == 0, done.stdout
        if len(names) == 2:
            run_git(root, "add", "--all")
            run_git(root, "commit", "--quiet", "--message", "a chart")
            done = run_carbon(root, "new-chart", names[0], "--rename", names[1])
            assert done.returncode == 0, done.stdout
            # Examples in the checkout, such as those of this test, are not about the chart.
            assert "still contains" not in done.stdout
        trees.append(write_tree(root))
    assert trees[0] == trees[1], run_git(tmp_path / "cost-data", "diff", trees[0].strip(), "--stat")


def first_commit(copy: Path) -> str:
    """Return the commit of the copy before its first chart."""
    return run_git(copy, "log", "--format=%H", "--grep=^a copy$").split()[0]


@pytest.fixture
def renamed(edited: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an edited chart that was renamed."""
    chart = edited / "charts" / ANSWERS.name
    edit(chart / "values.yaml", "greeting: Hello", "greeting: Welcome, hello")
    edit(chart / "templates/server/deployment.yaml", "maxSurge: 1", "maxSurge: 3 # price-alerts")
    edit(chart / "templates/_server.tpl", "ownChecks renders", "ownChecks of price-alerts renders")
    (chart / "templates/price-alerts").mkdir()
    (chart / "templates/price-alerts/role.yaml").write_text(
        '{{- include "price-alerts.role" . }} # price-alerts-0, my-price-alerts\n'
    )
    alert = "price_alerts_x > 1 or PriceAlertsDown, PriceAlertsx"
    (chart / "files" / "notes.txt").write_text(alert)
    (chart / "files" / "price-alerts.png").write_bytes(PICTURE)
    (chart / "files" / "latest.txt").symlink_to("notes.txt")
    (chart / "files" / "notes.txt").chmod(0o755)
    edit(edited / "schemas/components.yaml", "app: price-alerts\n", "app: price-alerts  # mine\n")
    edit(edited / "CHANGELOG.md", "Alerts about prices", "Many alerts (`price-alerts`) about")
    edit(edited / "docs/releases.md", "# Releases\n", "# Releases\n\nAbout price-alerts.\n")
    run_git(edited, "commit", "--all", "--quiet", "--message", "edits")
    run_git(edited, "add", "--all")
    run_git(edited, "commit", "--quiet", "--message", "more edits")
    monkeypatch.setattr(rename, "build_documents", dict)  # these are the documents of ROOT
    rename_chart(edited, ANSWERS.name, NEW)
    return edited


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_edits_stay_and_get_the_new_name(renamed: Path) -> None:
    chart = renamed / "charts" / NEW
    assert (
        "greeting: Welcome, hello from price-alerts".replace("price", "cost")
        in (chart / "values.yaml").read_text()
    )
    deployment = (chart / "templates/server/deployment.yaml").read_text()
    assert ("maxSurge: 3 # cost-alerts" in deployment, "price" in deployment) == (True, False)
    assert "ownChecks of cost-alerts renders" in (chart / "templates/_server.tpl").read_text()
    assert (chart / "templates/cost-alerts/role.yaml").read_text() == (
        '{{- include "cost-alerts.role" . }} # cost-alerts-0, my-price-alerts\n'
    )
    notes = (chart / "files" / "notes.txt").read_text()
    assert notes == "cost_alerts_x > 1 or CostAlertsDown, PriceAlertsx"
    assert os.access(chart / "files" / "notes.txt", os.X_OK)
    assert (chart / "files" / "latest.txt").readlink() == Path("notes.txt")
    assert (chart / "files" / "cost-alerts.png").read_bytes() == PICTURE
    assert "app: cost-alerts  # mine\n" in (renamed / "schemas/components.yaml").read_text()
    assert "Many alerts (`cost-alerts`) about" in (renamed / "CHANGELOG.md").read_text()
    findings = check_template(renamed, chart).findings
    assert [finding.file for finding in findings] == [
        f"charts/{NEW}/templates/server/deployment.yaml"
    ]
    assert not (renamed / "charts" / ANSWERS.name).exists()


def test_files_that_still_contain_the_name_are_found(renamed: Path) -> None:
    found = set(find_mentions(renamed, ANSWERS.name))
    documents = {"README.md", "docs/who-talks-to-whom.md"}  # the test does not write them
    assert found - documents == {"docs/releases.md"}


def test_a_file_contains_the_name_as_a_whole_word_or_in_the_name_of_a_pod(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    texts = {"word": "(`price`)", "pod": "price-0", "test": "price-test", "claim": "data-price-1"}
    others = {"chart": "price-alerts", "prefix": "my-price", "snake": "price_x", "long": "prices"}
    for name, text in (texts | others).items():
        (tmp_path / name).write_text(f"About {text}\n")
    run_git(tmp_path, "add", "word")
    run_git(tmp_path, "commit", "--quiet", "--message", "a word")
    assert find_mentions(tmp_path, "price") == sorted(texts)


@pytest.mark.parametrize(
    ("name", "new", "message"),
    [
        (ANSWERS.name, "Costs", "'Costs' is not a name of a chart"),
        (ANSWERS.name, "mlflow", "the name mlflow is taken"),
        (ANSWERS.name, ANSWERS.name, "the name price-alerts is taken"),
        ("mlflow", NEW, "charts/mlflow was not created by tools/new-chart"),
    ],
)
def test_a_bad_or_taken_name_is_refused(edited: Path, name: str, new: str, message: str) -> None:
    with pytest.raises(CarbonError, match=message):
        rename_chart(edited, name, new)
    assert run_git(edited, "status", "--porcelain") == ""


def test_a_checkout_with_uncommitted_changes_is_refused(edited: Path) -> None:
    (edited / "note.txt").touch()
    done = run_carbon(edited, "new-chart", ANSWERS.name, "--rename", NEW)
    assert (done.returncode, "uncommitted changes: note.txt" in done.stdout) == (1, True)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), CarbonError("stopped here")])
def test_an_interrupt_or_an_error_changes_nothing(
    edited: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    script = edited / "charts" / ANSWERS.name / "files" / "run.sh"
    script.touch(0o755)
    run_git(edited, "add", "--all")
    run_git(edited, "commit", "--quiet", "--message", "a script")

    def fail() -> None:
        assert (edited / "charts" / NEW / "values.schema.json").exists()
        assert not (edited / "charts" / ANSWERS.name / "values.yaml").exists()
        raise error

    monkeypatch.setattr(rename, "build_documents", fail)
    with pytest.raises(type(error), match=str(error).partition("\n")[0] or None):
        rename_chart(edited, ANSWERS.name, NEW)
    assert run_git(edited, "status", "--porcelain", "--ignored") == ""
    assert (edited / "charts" / ANSWERS.name / "charts" / "common").is_symlink()


def test_the_name_of_another_chart_stays() -> None:
    rename = build_rename("price", "cost", ["price-alerts", "prices"])
    assert rename("price price-0 price-alertsx price_x PriceDown") == (
        "cost cost-0 cost-alertsx cost_x CostDown"
    )
    others = "price-alerts price-alerts-0 price_alerts_x PriceAlertsDown"
    assert rename(others) == others


def test_a_name_that_is_also_a_word_changes_only_where_it_is_the_name() -> None:
    rename = build_rename("data", "facts")
    assert rename("/data data-0 data_http DataDown metadata my-data data1 Data") == (
        "/facts facts-0 facts_http FactsDown metadata my-data data1 Data"
    )
    content = "data:\n  data: 1\n  other: data\nlast: 2\n"
    old, new = (Entry(Path("f"), [], f"{name}:\n  data: 1\n") for name in ("data", "facts"))
    assert rename_entry(content, old, new, rename) == (
        "facts:\n  data: 1\n  other: facts\nlast: 2\n"
    )
