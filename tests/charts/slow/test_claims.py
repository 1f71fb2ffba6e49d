"""No chart accepts a container with a claim of Dynamic Resource Allocation that its pod lacks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.render import Render, run_template
from carbon.errors import CarbonError

LISTS = ("extraSidecars", "extraInitContainers", "extraContainers")
CONTAINER = {
    "name": "probe",
    "image": "docker.io/library/busybox:1.38.0",
    "resources": {"claims": [{"name": "gpu"}]},
}


def list_paths(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all lists of containers in the values of a chart."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if key in LISTS:
            yield (*path, key)
        yield from list_paths(value, (*path, key))


CASES = [(chart, path) for chart in CHARTS for path in list_paths(chart.read_values())]


@pytest.mark.parametrize(
    ("chart", "path"), CASES, ids=lambda each: getattr(each, "name", str(each))
)
def test_a_chart_refuses_a_claim_of_an_additional_container_that_the_pod_does_not_have(
    chart: Chart, path: tuple[str, ...]
) -> None:
    nested: Any = [CONTAINER]
    for each in reversed(path[1:]):
        nested = {each: nested}
    with pytest.raises(CarbonError) as refused:
        run_template(Render(chart.folder, sets=(f"{path[0]}={json.dumps(nested)}",), apis=APIS))
    assert f"{path[-1]}[0].resources.claims: the pod has no claim gpu" in refused.value.what
