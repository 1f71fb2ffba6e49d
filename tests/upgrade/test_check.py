"""The upgrade check as a whole: versions, the command, the contract, and a version alone."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.check.mutation import write_text

from carbon.charts.discovery import find_charts, read_chart
from carbon.check.engine.checkout import Checkout
from carbon.home import ROOT
from carbon.release.index import FOLDER, read_index
from carbon.upgrade.cases import Case, drop_unknown
from carbon.upgrade.contract import read_data, read_revisions
from carbon.upgrade.findings import Severity, from_dict, merge_findings
from carbon.upgrade.objects.pairing import pair_objects
from carbon.upgrade.run import examine_case, examine_charts, render_side
from carbon.upgrade.sides import InputError, find_old, find_side
from carbon.upgrade.summary import Summary, find_small_version, summarize_upgrade


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "carbon", "upgrade-check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_another_version_of_a_chart_changes_the_label_only(root: Path, original: Path) -> None:
    for name in ("umbrella", "charts/mlflow", "charts/data-services", "charts/feast"):
        for path in [root / name / "Chart.yaml"]:
            text = path.read_text("utf-8")
            write_text(path, re.sub(r"^version: .*$", "version: 9.9.9", text, flags=re.M))
    for path in (root / "umbrella").glob("Chart.yaml"):
        text = path.read_text("utf-8")
        for name in ("mlflow", "data-services", "feast"):
            text = re.sub(rf"(name: {name}\n    version:) .*", r"\1 9.9.9", text)
        write_text(path, text)
    case = Case(original / "umbrella", root / "umbrella", "254carbon", None)
    assert examine_case(case) == []
    pairs = pair_objects(*(render_side(case, side, (), "1.37") for side in (case.old, case.new)))
    assert all(pair.is_kept for pair in pairs)
    changed = {change.path for pair in pairs for change in pair.changes}
    assert changed == {("metadata", "labels", "helm.sh/chart")}


def test_refuses_a_version_that_does_not_exist() -> None:
    with pytest.raises(InputError, match=r"there is no release, package or folder 9\.9\.9"):
        find_side("9.9.9")
    done = run("9.9.9")
    assert done.returncode == 2
    assert "0.1.0" in done.stderr


def test_refuses_a_version_of_kubernetes_that_is_none() -> None:
    done = run("--kubernetes", "1.x")
    assert done.returncode == 2
    assert "1.x is not a minor version of Kubernetes" in done.stderr


def test_a_chart_that_does_not_render_is_not_compared_silently(original: Path) -> None:
    chart = original / "charts" / "mlflow"
    (found,) = examine_case(Case(chart, chart, "mlflow", None), "1.30")
    assert (found.rule, found.severity) == ("case/not-compared", Severity.PERSON)
    assert found.remedy


@pytest.mark.parametrize("cut", [False, True], ids=["a text", "half of a package"])
def test_refuses_a_file_that_is_no_package(tmp_path: Path, cut: bool) -> None:
    package = (FOLDER / "254carbon-0.1.0.tgz").read_bytes()
    content = package[: len(package) // 2] if cut else b"no archive"
    (tmp_path / "chart.tgz").write_bytes(content)
    done = run(str(tmp_path / "chart.tgz"))
    assert done.returncode == 2
    assert "is not a package of a chart" in done.stderr


@pytest.mark.parametrize(
    ("change", "status", "rule"),
    [
        ("", 0, ""),
        ("  podManagementPolicy: Parallel\n", 3, "immutable/field"),
        ("  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}\n", 4, "storage/policy"),
    ],
)
def test_the_exit_status_states_whether_the_upgrade_breaks(
    tmp_path: Path, change: str, status: int, rule: str
) -> None:
    for side in ("old", "new"):
        chart = tmp_path / side
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: example\nversion: 1.0.0\n")
        text = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  replicas: 1\n"
        text += change if side == "new" else ""
        (chart / "templates" / "set.yaml").write_text(text)
    done = run(str(tmp_path / "old"), str(tmp_path / "new"), "--output", "json")
    assert done.returncode == status, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert {finding["rule"] for finding in report["findings"]} == ({rule} if rule else set())
    assert report["version"]["least"] == {0: "1.0.0", 3: "2.0.0", 4: "1.1.0"}[status]
    assert report["version"]["enough"] is (status == 0)


def test_a_package_is_compared_like_its_folder(tmp_path: Path, original: Path) -> None:
    folder = tmp_path / "mlflow"
    shutil.copytree(original / "charts" / "mlflow", folder)
    subprocess.run(["tar", "czf", "mlflow.tgz", "mlflow"], cwd=tmp_path, check=True)
    side = find_side(str(tmp_path / "mlflow.tgz"))
    assert side.version == read_chart(folder).meta["version"]
    case = Case(side.chart, original / "charts" / "mlflow", "mlflow", None)
    assert examine_case(case) == []


def test_every_chart_declares_the_revisions_of_its_data(original: Path) -> None:
    table = read_data()
    for chart in find_charts(original):
        wanted = {row.name for row in table.values() if row.chart == chart.name}
        assert set(read_revisions(chart)) == wanted, chart.name


def test_the_table_of_data_has_an_entry_for_each_default_image(original: Path) -> None:
    for row in read_data().values():
        chart = read_chart(original / "charts" / row.chart)
        text = (chart.folder / "values.yaml").read_text("utf-8")
        for image, versions in row.images.items():
            tags = re.findall(rf"repository: \S*\b{image}\n\s+tag: v?([\w.-]+)", text)
            assert tags, f"{row.name}: no default image {image}"
            known = {version for version in versions if tags[0].startswith(version)}
            assert known, f"{row.name}: add {image} {tags[0]} after comparing its data"
            assert {versions[v] for v in known} == {read_revisions(chart)[row.name]}


def test_release_0_1_0_has_the_revisions_of_the_table() -> None:
    charts = find_old("0.1.0").list_charts()
    assert read_revisions(charts["data-services"]) == {
        "postgresql": 15,
        "redis-log": 1,
        "s3-volumes": 1,
    }


def test_a_rollback_across_a_revision_states_what_to_do(original: Path) -> None:
    old = find_old("0.1.0").list_charts()["data-services"].folder
    new = original / "charts" / "data-services"
    upgrade = {f.rule: f for f in examine_charts(old, new)}
    (rollback,) = examine_charts(new, old, reverse=True)
    assert "docs/redis-to-valkey.md" in upgrade["data/revision"].remedy
    assert (rollback.rule, rollback.old, rollback.new) == ("data/rollback", 2, 1)
    assert "docs/redis-to-valkey.md" in rollback.remedy


def test_keys_that_the_old_schema_does_not_know_are_dropped() -> None:
    inner = {"type": "object", "additionalProperties": False, "properties": {"b": {}}}
    schema = {"properties": {"a": inner}, "additionalProperties": False}
    assert drop_unknown({"a": {"b": 1, "c": 2}, "d": 3}, schema) == {"a": {"b": 1}}


def test_one_finding_lists_all_cases(original: Path) -> None:
    old = find_old("0.1.0").list_charts()["mlflow"].folder
    found = examine_case(Case(old, original / "charts" / "mlflow", "mlflow", None))
    other = [from_dict(f.to_dict() | {"cases": ["mlflow: other"]}) for f in found]
    merged = merge_findings([*found, *other])
    assert len(merged) == len(found) > 0
    assert merged[0].cases == ("mlflow: defaults", "mlflow: other")


def test_carbon_check_shows_the_version_that_the_changes_need(original: Path) -> None:
    checkout = Checkout(ROOT)
    summary = summarize_upgrade(checkout, ["gpu-pool"])
    assert summary
    assert summary.since == read_index()[-1].version
    assert f"changes since release {summary.since}: " in str(summary)
    assert summarize_upgrade(Checkout(original), ["gpu-pool"]) is None  # it stores no release


@pytest.mark.parametrize(
    ("declared", "refused"), [("0.1.0", False), ("0.1.1", True), ("0.2.0", False)]
)
def test_carbon_check_refuses_a_raised_version_that_is_too_small(
    declared: str, refused: bool
) -> None:
    found = find_small_version(Summary("0.1.0", "0.2.0", declared, {"breaking": 1}))
    assert [each.rule for each in found] == (["upgrade/version"] if refused else [])
    lines = (ROOT / "umbrella" / "Chart.yaml").read_text("utf-8").splitlines()
    assert all(lines[each.line - 1].startswith("version:") for each in found)
