"""Helm refuses unknown keys. `carbon check` tests schemas and default values."""

from dataclasses import replace

import pytest
from tests.charts.cases import CHARTS, renders

from carbon.charts.discovery import Chart
from carbon.charts.render import run_template
from carbon.errors import CarbonError


@pytest.mark.parametrize("helm", ["helm", "helm3"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_helm_refuses_an_unknown_key_and_names_it(chart: Chart, helm: str) -> None:
    misspelt = replace(renders(chart)[0], sets=("replicsa=3",), helm=helm)
    with pytest.raises(CarbonError, match="replicsa"):
        run_template(misspelt)
