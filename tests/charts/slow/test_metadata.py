"""No chart accepts values that replace its own labels and annotations, or malformed ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.render import Render, run_template
from carbon.errors import CarbonError

CHOSEN = {
    "labels": {"app": "mine", "app.kubernetes.io/name": "mine", "a b": "c", "team": "no value"},
    "annotations": {"helm.sh/hook": "test", "checksum/input": "1", "no key/": "c"},
}
"""Keys that no chart accepts, by the kind of the map."""


def list_maps(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all maps of labels or annotations in the values of a chart."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, dict) and key.lower().endswith(("labels", "annotations")):
            yield (*path, key)
        else:
            yield from list_maps(value, (*path, key))


MAPS = [(chart, path) for chart in CHARTS for path in list_maps(chart.read_values())]


@pytest.mark.parametrize(("chart", "path"), MAPS, ids=lambda each: getattr(each, "name", str(each)))
def test_a_chart_refuses_labels_and_annotations_that_it_sets_or_that_are_malformed(
    chart: Chart, path: tuple[str, ...]
) -> None:
    kind = "labels" if path[-1].lower().endswith("labels") else "annotations"
    for key, value in CHOSEN[kind].items():
        nested: Any = {key: value}
        for each in reversed(path[1:]):
            nested = {each: nested}
        with pytest.raises(CarbonError) as refused:
            run_template(Render(chart.folder, sets=(f"{path[0]}={json.dumps(nested)}",), apis=APIS))
        assert path[-1] in refused.value.what
        assert key in refused.value.what
