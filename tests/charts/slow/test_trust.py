"""Each program of each container trusts the CA certificates in caBundle.

A program trusts by a variable of its own, so that a container without one of the variables has a
program that ignores caBundle. trust.yaml lists the charts and containers without the variables.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.charts.cases import CHARTS, RENDERS, list_pods

from carbon.charts.render import Object, Render, containers, render_objects
from carbon.check.rules.volumes.variables import TRUST
from carbon.files import read_yaml

BUNDLES = {chart.name for chart in CHARTS if "caBundle" in chart.read_values()}
OTHERS = read_yaml(Path(__file__).with_name("trust.yaml"))
CASES = [render for render in RENDERS if render.chart.name in BUNDLES]


def list_added(values: object) -> Iterator[str]:
    """Yield the names of the containers that values add, such as extraSidecars."""
    for key, value in values.items() if isinstance(values, dict) else ():
        if re.fullmatch(r"extra(Init)?Containers|extraSidecars", key):
            yield from (each["name"] for each in value)
        yield from list_added(value)


def list_own(render: Render) -> list[tuple[str, Object]]:
    """Return the chart's own containers of a render with caBundle, each with its place."""
    sets = ('caBundle.existingSecret={"name":"authorities"}',)
    objects = render_objects(Render(render.chart, render.values, sets, apis=render.apis))
    added = {name for file in render.values for name in list_added(read_yaml(file))}
    return [
        (f"{workload}: {container['name']}", container)
        for workload, pod in list_pods(objects)
        for container in containers(pod)
        if container["name"] not in added
    ]


def test_each_chart_has_ca_bundle_or_a_reason() -> None:
    assert BUNDLES | {name for name in OTHERS if "/" not in name} == {c.name for c in CHARTS}


@pytest.mark.parametrize("render", CASES, ids=str)
def test_each_container_has_each_variable_and_the_file(render: Render) -> None:
    for place, container in list_own(render):
        if f"{render.chart.name}/{container['name']}" in OTHERS:
            continue
        values = {e["name"]: e.get("value") for e in container.get("env") or []}
        paths = {values.get(name) for name in TRUST}
        assert len(paths) == 1, place
        folder = str(paths.pop()).rpartition("/")[0]
        assert folder in {m["mountPath"] for m in container["volumeMounts"]}, place
