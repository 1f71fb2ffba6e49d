"""`carbon check` compares with the newest release what the check itself has rendered."""

from pathlib import Path

import pytest

from carbon.charts.render import Output, Render, run_template
from carbon.check.engine import cases
from carbon.check.engine.cache import Cache
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
