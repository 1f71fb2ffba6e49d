"""The remarks of kube-score on an object depend on this object only, so they can be cached."""

from pathlib import Path

import pytest
from tests.charts.cases import CHARTS, renders

from carbon.charts.kubernetes import MINORS
from carbon.charts.render import render_objects
from carbon.check.programs.kube_score import score
from carbon.check.programs.remarks import Remark, write_objects
from carbon.check.render.objects import RenderedObject, to_json


def read_remarks(objects: list[RenderedObject], folder: Path) -> set[tuple[str, Remark]]:
    folder.mkdir()
    write_objects(objects, folder)
    scores = score(folder, MINORS[-1])
    return {(digest, remark) for digest, remarks in scores.items() for remark in remarks}


@pytest.mark.parametrize("values", ["file", "full"])
def test_remarks_of_kube_score_do_not_depend_on_other_objects(tmp_path: Path, values: str) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "mlflow")
    path = chart.folder / "ci" / f"{values}-values.yaml"
    render = next(each for each in renders(chart) if path in each.values)
    objects = [RenderedObject(body, "", to_json(body)) for body in render_objects(render)]
    together = read_remarks(objects, tmp_path / "together")
    assert together
    alone = [read_remarks([one], tmp_path / one.digest) for one in objects]
    assert together ^ set().union(*alone) == set()
