"""What the running Helm draws is what Helm's own program draws, refusals included."""

from dataclasses import replace

import pytest
from tests.charts.cases import RENDERS, UMBRELLA

from carbon.charts.render import Render, by_program, text
from carbon.errors import CarbonError

HELMS = pytest.mark.parametrize("helm", ["helm", "helm3"])


@HELMS
@pytest.mark.parametrize("render", RENDERS, ids=str)
def test_it_is_the_same_to_the_byte(render: Render, helm: str) -> None:
    render = replace(render, helm=helm)
    assert text(render) == by_program(render)


@HELMS
def test_one_that_is_refused_does_not_disturb_the_next(helm: str) -> None:
    good = Render(UMBRELLA.folder, helm=helm)
    bad = Render(UMBRELLA.folder, sets=("mlflow.replicas=many",), helm=helm)
    first = text(good)
    with pytest.raises(CarbonError, match="replicas") as refused:
        text(bad)
    with pytest.raises(CarbonError) as program:
        by_program(bad)
    assert refused.value.what == program.value.what
    assert text(good) == first
