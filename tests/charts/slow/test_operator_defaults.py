"""The charts leave defaults to operators, unless the table states why they set a field."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS, RENDERS

from carbon.charts.generate.crds import download_module
from carbon.charts.render import Object, Render, render_objects
from carbon.files import read_yaml

TABLE = read_yaml(Path(__file__).with_name("operator_defaults.yaml"))
FILES = [(module, file) for module, files in TABLE.items() for file in files]
ROWS = [
    (module, file, line)
    for module, file in FILES
    for line in TABLE[module][file]
    if line != "pattern"
]
RAY = next(chart for chart in CHARTS if chart.name == "ray-cluster")
OPTIONS: list[dict[str, Any]] = [
    {},
    {"autoscaling": {"enabled": True, "version": "v1"}},
    {"autoscaling": {"enabled": True, "version": "v2"}},
    {"gcsFaultTolerance": {"enabled": True}, "auth": {"enabled": True}},
    {
        "head": {"service": {"type": "NodePort"}},
        "services": {"prices": {"serveConfig": {}, "serveService": {"type": "NodePort"}}},
    },
]
"""Values of ray-cluster in mode kuberay, in addition to those of the CI values files."""
Setting = tuple[str, str]
"""The form of a setting, which is its key in the table, and its name."""


@cache
def list_settings() -> dict[Setting, set[str]]:
    """Return the settings in all cases, each with the places that set it."""
    settings: dict[Setting, set[str]] = defaultdict(set)
    shared = {"mode": "kuberay", "services": {"prices": {"serveConfig": {}}}}
    more = [tuple(f"{k}={json.dumps(v)}" for k, v in (shared | each).items()) for each in OPTIONS]
    for case in [*RENDERS, *(Render(RAY.folder, sets=sets, apis=APIS) for sets in more)]:
        for obj in render_objects(case):
            for setting, place in list_places(obj):
                settings[setting].add(place)
    return settings


def list_places(obj: Object) -> Iterator[tuple[Setting, str]]:
    """Yield the settings of a custom resource, each with its place."""
    kind, spec = obj["kind"], obj.get("spec") or {}
    if kind == "Schedule":
        yield from ((("field", path), kind) for path in list_paths(spec))
    elif kind == "RayCluster":
        yield from list_cluster(kind, spec)
    elif kind == "RayService":
        yield from list_cluster(kind, spec["rayClusterConfig"])
        yield from list_service("serveService", spec, f"{kind} serve")


def list_cluster(kind: str, spec: Object) -> Iterator[tuple[Setting, str]]:
    head = spec["headGroupSpec"]
    yield from list_service("headService", head, f"{kind} head")
    for role, groups in {"head": [head], "workers": spec["workerGroupSpecs"]}.items():
        for group in groups:
            pod = group["template"]["spec"]
            ray = pod["containers"][0]
            names = {
                "variable": [each["name"] for each in ray["env"]],
                "parameter": [*group["rayStartParams"]],
                "port": [each["name"] for each in ray["ports"]],
                "mount": [each["mountPath"] for each in ray["volumeMounts"]],
                "volume": [each["name"] for each in pod["volumes"]],
                "field": [*ray],
            }
            for form, found in names.items():
                yield from (((form, name), f"{kind} {role}") for name in found)
    options = spec.get("autoscalerOptions", {})
    yield from ((("option", name), f"{kind} autoscaler") for name in options)
    mounts = options.get("volumeMounts", [])
    yield from ((("mount", each["mountPath"]), f"{kind} autoscaler") for each in mounts)


def list_service(field: str, owner: Object, place: str) -> Iterator[tuple[Setting, str]]:
    """Yield the fields that an operator would fill in in the Service that `field` describes."""
    if service := owner.get(field):
        yield ("service", field), place
        found = {**service.get("metadata", {}), **service.get("spec", {})}
        yield from ((("service", name), place) for name in found)


def list_paths(value: Any, path: str = "") -> Iterator[str]:
    for key, each in value.items() if isinstance(value, dict) else ():
        yield f"{path}{key}"
        yield from list_paths(each, f"{path}{key}.")


@pytest.mark.parametrize(("module", "file"), FILES)
def test_the_table_has_each_line_by_which_the_operator_fills_in_a_setting(
    module: str, file: str
) -> None:
    rows = TABLE[module][file]
    lines = (download_module(module) / file).read_text(encoding="utf-8").splitlines()
    found = {number for number, text in enumerate(lines, 1) if re.search(rows["pattern"], text)}
    assert found == {*rows} - {"pattern"}


@pytest.mark.parametrize(("module", "file", "line"), ROWS)
def test_a_setting_that_the_operator_fills_in_is_set_only_where_the_table_states_why(
    module: str, file: str, line: int
) -> None:
    row = dict(TABLE[module][file][line])
    reason, left = row.pop("set", ""), set(row.pop("except", ()))
    [setting] = row.items()
    if setting[0] == "never":
        return
    places = list_settings().get(setting, set())
    assert bool(places) == bool(reason)
    assert places & left == set()
