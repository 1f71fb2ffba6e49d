"""No chart accepts values that replace its own labels and annotations, or malformed ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.render import Render, run_template
from carbon.errors import CarbonError

CHOSEN: dict[str, list[dict[str, str]]] = {
    "labels": [
        {"app": "mine", "app.kubernetes.io/name": "mine"},
        {"a b": "c", "team": "no value"},
    ],
    "annotations": [{"helm.sh/hook": "test", "checksum/input": "1"}, {"no key/": "c"}],
}
"""Keys that no chart accepts, by the kind of the map: those of charts, and malformed ones."""
GROUPS = (("workerGroups", "cpu"), ("services", "some", "workerGroups", "cpu"))
"""Worker groups of ray-cluster, which accept each key of `workers`."""
Path = tuple[str, ...]


def list_maps(chart: Chart) -> list[Path]:
    """Return the paths of all maps of labels or annotations that a chart's values can have."""
    schema = json.loads((chart.folder / "values.schema.json").read_text(encoding="utf-8"))
    maps = [*walk(schema)]
    of_workers = [path[1:] for path in maps if path[0] == "workers"]
    return maps + [(*group, *path) for group in GROUPS for path in of_workers]


def walk(schema: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of a schema's maps; `some` is an entry of a map without fixed keys."""
    for key, each in schema.get("properties", {}).items():
        if key.lower().endswith(("labels", "annotations")) and each.get("type") == "object":
            yield (*path, key)
        else:
            yield from walk(each, (*path, key))
    if isinstance(entry := schema.get("additionalProperties"), dict):
        yield from walk(entry, (*path, "some"))


MAPS = [(chart, path) for chart in CHARTS for path in list_maps(chart)]


def test_the_maps_include_those_of_services_and_worker_groups() -> None:
    maps = {path for chart, path in MAPS if chart.name == "ray-cluster"}
    service = ("services", "some")
    for path in ("labels",), ("annotations",), ("serveService", "annotations"):
        assert (*service, *path) in maps
    for group in GROUPS:
        assert (*group, "rayLabels") in maps


@pytest.mark.parametrize(("chart", "path"), MAPS, ids=lambda each: getattr(each, "name", str(each)))
def test_a_chart_refuses_labels_and_annotations_that_it_sets_or_that_are_malformed(
    chart: Chart, path: Path
) -> None:
    kind = "labels" if path[-1].lower().endswith("labels") else "annotations"
    more = ('mode="kuberay"', "services.some.serveConfig={}") if path[0] == "services" else ()
    for chosen in CHOSEN[kind]:
        sets = (*more, f"{'.'.join(path)}={json.dumps(chosen)}")
        with pytest.raises(CarbonError) as refused:
            run_template(Render(chart.folder, sets=sets, apis=APIS))
        assert path[-1] in refused.value.what
        assert [key for key in chosen if key not in refused.value.what] == []
