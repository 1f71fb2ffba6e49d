"""What the running Helm draws is what Helm's own program draws, refusals included."""

from dataclasses import replace

import pytest
from tests.charts.cases import RENDERS, UMBRELLA

from carbon.charts.render import Render, run_helm_program, run_template
from carbon.errors import CarbonError

RICH = [r for r in RENDERS if any("full" in p.stem or p.parent.name == "values" for p in r.values)]
"""The profiles, and one a chart with most of its options on."""


@pytest.mark.parametrize("render", RENDERS, ids=str)
def test_it_is_the_same_to_the_byte(render: Render) -> None:
    assert run_template(render).text == run_helm_program(render)


@pytest.mark.parametrize("render", RICH, ids=str)
def test_it_is_the_same_as_helm_3_to_the_byte(render: Render) -> None:
    # Its schema is asked here; `carbon check` asks Helm 4 only.
    render = replace(render, helm="helm3")
    assert run_template(render).text == run_helm_program(render)


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_one_that_is_refused_does_not_disturb_the_next(helm: str) -> None:
    good = Render(UMBRELLA.folder, helm=helm)
    bad = Render(UMBRELLA.folder, sets=("mlflow.replicas=many",), helm=helm)
    first = run_template(good).text
    with pytest.raises(CarbonError, match="replicas") as refused:
        run_template(bad)
    with pytest.raises(CarbonError) as program:
        run_helm_program(bad)
    assert refused.value.what == program.value.what
    assert run_template(good).text == first
