"""What `carbon check` does about the upgrade from the newest release."""

import re
import shutil
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from semver import Version
from tests.check.mutation import write_text

from carbon.charts.render import Output, Render, run_template
from carbon.check.engine import cases
from carbon.check.engine.cache import Cache
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.plan import plan_tasks
from carbon.check.engine.report import Report
from carbon.commands import check as command
from carbon.home import ROOT
from carbon.release.index import FOLDER, read_index
from carbon.upgrade import run, summary
from carbon.upgrade.cases import Case
from carbon.upgrade.sides import find_old

CHART = "gpu-pool"
MINORS = ("1.37",)


@pytest.mark.parametrize(
    ("values", "renders"),
    [
        ("", 0),
        ("nameOverride: pools\n", 0),
        ("global: {s3: {addressingStyle: path}}\n", 1),  # the release does not know the key
    ],
)
def test_a_comparison_renders_no_objects_that_the_check_has_rendered(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: str, renders: int
) -> None:
    old = find_old("0.1.0").list_charts()[CHART].folder
    new = original / "charts" / CHART
    file = tmp_path / "values.yaml"
    file.write_text(values)
    compared = Case(old, new, CHART, file if values else None)
    expected = run.examine_case(compared)
    asked: list[Path] = []

    def record(render: Render) -> Output:
        asked.append(render.chart)
        return run_template(render)

    monkeypatch.setattr(run, "run_template", record)
    store = Cache(tmp_path / "results.sqlite")
    monkeypatch.setattr(run, "open_cache", lambda: store)
    task = run.Task("key", CHART, str(compared), run.examine_case, (compared, MINORS[-1]))
    case = cases.Case(new, CHART, (file,) if values else (), MINORS)
    result = summary.examine_and_compare(original, case, task)
    assert result.rendered
    assert asked.count(new) == renders
    assert store.get(["key"])["key"] == [finding.to_dict() for finding in expected]


SINCE = Version.parse(read_index()[-1].version)


@pytest.mark.parametrize(
    ("version", "found"), [(SINCE.bump_patch(), ["upgrade/version"]), (SINCE.bump_major(), [])]
)
def test_carbon_check_refuses_a_version_that_is_too_small_for_the_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch, version: Version, found: list[str]
) -> None:
    shutil.copytree(FOLDER, root / "tests" / "upgrade" / "releases", dirs_exist_ok=True)
    chart = root / "umbrella" / "Chart.yaml"
    text = re.sub(r"^version: .*", f"version: {version}", chart.read_text("utf-8"), flags=re.M)
    write_text(chart, text)
    service = root / "charts" / "mlflow" / "templates" / "server" / "service.yaml"
    write_text(service, service.read_text("utf-8").replace("kind: Service", "kind: Endpoints"))
    report = Report(["mlflow"], [], minors=MINORS)
    monkeypatch.setattr(command, "Run", lambda *_: SimpleNamespace(run=lambda _: report))
    with pytest.raises(typer.Exit) if found else nullcontext():
        command.check(["mlflow"], root)
    assert [finding.rule for finding in report.findings] == found


def test_each_case_of_a_check_is_compared_with_the_newest_release() -> None:
    checkout = Checkout(ROOT)
    checks, _ = command.select_checks([])
    planned = plan_tasks(checkout, checkout.select_charts([CHART]), checks)
    cases = [task for task in planned if task.renders]
    alone = {task.label for task in cases if task.args[-1] is None}
    assert len(cases) > 1
    assert alone == {label for label in alone if label.endswith("with unusual release names")}
