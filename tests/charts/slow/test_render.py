"""helm-many, with which `carbon` renders charts, gives the same output and errors as `helm`."""

from dataclasses import replace
from resource import RUSAGE_CHILDREN, getrusage

import pytest
from tests.charts.cases import RENDERS, UMBRELLA, profile

from carbon.charts.render import Render, run_helm_program, run_template
from carbon.errors import CarbonError

RICH = [r for r in RENDERS if any("full" in p.stem or p.parent.name == "values" for p in r.values)]
"""The profiles, and one case per chart with most options enabled."""


@pytest.mark.parametrize("render", RENDERS, ids=str)
def test_output_equals_helm_4_byte_for_byte(render: Render) -> None:
    assert run_template(render).text == run_helm_program(render)


@pytest.mark.parametrize("render", RICH, ids=str)
def test_output_equals_helm_3_byte_for_byte(render: Render) -> None:
    # Helm 3 also validates the schemas here; `carbon check` validates with Helm 4 only.
    render = replace(render, helm="helm3")
    assert run_template(render).text == run_helm_program(render)


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_a_refused_render_does_not_change_the_next_one(helm: str) -> None:
    good = Render(UMBRELLA.folder, helm=helm)
    bad = Render(UMBRELLA.folder, sets=("mlflow.replicas=many",), helm=helm)
    first = run_template(good).text
    with pytest.raises(CarbonError, match="replicas") as refused:
        run_template(bad)
    with pytest.raises(CarbonError) as program:
        run_helm_program(bad)
    assert refused.value.what == program.value.what
    assert run_template(good).text == first


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_an_unknown_key_is_refused_and_named(helm: str) -> None:
    with pytest.raises(CarbonError, match="replicsa"):
        run_template(Render(UMBRELLA.folder, sets=("replicsa=3",), helm=helm))


def test_a_render_of_the_production_profile_takes_less_than_one_and_a_half_seconds_of_cpu() -> None:
    before = getrusage(RUSAGE_CHILDREN)
    run_helm_program(profile("production"))
    after = getrusage(RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert 0 < seconds < 1.5
