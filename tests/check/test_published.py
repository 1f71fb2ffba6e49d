"""What published rule sets say of an object, which the cache keeps by the object alone."""

from pathlib import Path

import pytest
from tests.charts.cases import CHARTS, renders

from carbon.charts.kubernetes import MINORS
from carbon.charts.render import objects
from carbon.check.published import Said, lay_out, scored
from carbon.check.result import Document


def said(documents: list[Document], folder: Path) -> set[tuple[str, Said]]:
    folder.mkdir()
    lay_out(documents, folder)
    return {(digest, one) for digest, found in scored(folder, MINORS[-1]).items() for one in found}


@pytest.mark.parametrize("values", ["file", "full"])
def test_an_object_is_judged_the_same_beside_others(tmp_path: Path, values: str) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "mlflow")
    path = chart.folder / "ci" / f"{values}-values.yaml"
    render = next(each for each in renders(chart) if path in each.values)
    drawn = [Document(str(at), "", body) for at, body in enumerate(objects(render))]
    together = said(drawn, tmp_path / "together")
    assert together
    alone = [said([one], tmp_path / one.digest) for one in drawn]
    assert together ^ set().union(*alone) == set()
