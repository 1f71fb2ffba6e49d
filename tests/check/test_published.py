"""What published rule sets say of an object, which the cache keeps by the object alone."""

from pathlib import Path

import pytest
from tests.charts.cases import CHARTS, renders

from carbon.charts.kubernetes import MINORS
from carbon.charts.render import render_objects
from carbon.check.programs.kube_score import score
from carbon.check.programs.remarks import Remark, write_objects
from carbon.check.render.objects import RenderedObject, to_json


def said(documents: list[RenderedObject], folder: Path) -> set[tuple[str, Remark]]:
    folder.mkdir()
    write_objects(documents, folder)
    return {(digest, one) for digest, found in score(folder, MINORS[-1]).items() for one in found}


@pytest.mark.parametrize("values", ["file", "full"])
def test_an_object_is_judged_the_same_beside_others(tmp_path: Path, values: str) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "mlflow")
    path = chart.folder / "ci" / f"{values}-values.yaml"
    render = next(each for each in renders(chart) if path in each.values)
    drawn = [RenderedObject(body, "", to_json(body)) for body in render_objects(render)]
    together = said(drawn, tmp_path / "together")
    assert together
    alone = [said([one], tmp_path / one.digest) for one in drawn]
    assert together ^ set().union(*alone) == set()
