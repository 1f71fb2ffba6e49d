"""Merged values equal the values that `helm template` renders."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.merging import compute_values, forget_defaults, merge
from carbon.charts.render import Render, render_objects

Values = dict[str, Any]
MakeChart = Callable[..., Chart]

TEMPLATE = "kind: Values\nmetadata: {name: NAME}\nvalues: {{ .Values | toJson }}\n"


@pytest.fixture
def make_chart(tmp_path: Path) -> MakeChart:
    """Write a chart with a subchart `sub`, each with a template that renders its values."""

    def make(parent: Values, sub: Values, *, listed: bool = True) -> Chart:
        forget_defaults()
        dependencies = [{"name": "sub", "version": "0.1.0"}] if listed else []
        for folder, name, values, more in (
            (tmp_path / "parent", "parent", parent, {"dependencies": dependencies}),
            (tmp_path / "parent" / "charts" / "sub", "sub", sub, {}),
        ):
            (folder / "templates").mkdir(parents=True, exist_ok=True)
            about = {"apiVersion": "v2", "name": name, "version": "0.1.0"}
            (folder / "Chart.yaml").write_text(yaml.safe_dump(about | more))
            (folder / "values.yaml").write_text(yaml.safe_dump(values))
            template = TEMPLATE.replace("NAME", name)
            (folder / "templates" / "values.yaml").write_text(template)
        return read_chart(tmp_path / "parent")

    return make


def render_values(chart: Chart, *given: Values, helm: str = "helm") -> dict[str, Values]:
    """Return `.Values` of the chart and of its subchart, as Helm renders them."""
    files = []
    for number, values in enumerate(given):
        # Renders of the same files are cached, so each set of values has files of its own.
        files.append(chart.folder / f"{abs(hash(str(given)))}-{number}.yaml")
        files[-1].write_text(yaml.safe_dump(values))
    objects = render_objects(Render(chart.folder, tuple(files), helm=helm))
    return {each["metadata"]["name"]: each["values"] for each in objects}


def assert_as_helm(chart: Chart, *given: Values, helm: str = "helm") -> None:
    merged: Values = {}
    for values in given:
        merged = merge(merged, values)
    rendered = render_values(chart, *given, helm=helm)
    computed = compute_values(chart, merged)
    assert computed == rendered["parent"]
    assert computed["sub"] == rendered["sub"]


PARENT = {
    "map": {"a": 1, "b": {"c": 1}},
    "list": [1, 2],
    "text": "x",
    "global": {"map": {"a": 1, "b": 2}, "text": "parent", "shared": "parent"},
    "sub": {"map": {"a": "of the parent"}},
}
SUB = {
    "map": {"a": 1, "b": 2},
    "text": "sub",
    "global": {"map": {"c": 3, "a": "sub"}, "own": 1, "shared": "sub"},
}
GIVEN: dict[str, list[Values]] = {
    "nothing": [{}],
    "a key of a map": [{"map": {"a": 2}}],
    "a list": [{"list": [3]}],
    "a null over a default": [{"text": None, "map": {"a": None}}],
    "a null over a map": [{"map": {"b": None}}, {"map": None}],
    "a null in a later file": [{"map": {"a": 2}}, {"map": {"a": None}}],
    "a value after a null": [{"map": None}, {"map": {"a": 2}}],
    "a null without a default": [{"new": None, "map": {"new": None}}],
    "a scalar over a map": [{"map": 1}],
    "a map over a scalar": [{"text": {"a": 1}}],
    "a value of the subchart": [{"sub": {"text": "given", "map": {"b": 3}}}],
    "a null over a default of the subchart": [{"sub": {"text": None, "map": {"b": None}}}],
    "a null over what the parent sets for the subchart": [{"sub": {"map": {"a": None}}}],
    "a null for the whole subchart": [{"sub": None}],
    "a global": [{"global": {"map": {"a": 9}, "new": {"x": 1}}}],
    "a global of the subchart alone": [{"sub": {"global": {"own": 2, "shared": "given"}}}],
    "a null over a global of the parent": [{"global": {"text": None, "map": {"b": None}}}],
    "a null over a global of the subchart": [{"global": {"own": None, "map": {"c": None}}}],
    "a null over all globals": [{"global": None}],
}


@pytest.mark.parametrize("helm", ["helm", "helm3"])
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_values_are_merged_as_helm_merges(
    make_chart: MakeChart, given: list[Values], listed: bool, helm: str
) -> None:
    assert_as_helm(make_chart(PARENT, SUB, listed=listed), *given, helm=helm)


def test_a_null_deletes_a_default(make_chart: MakeChart) -> None:
    chart = make_chart(PARENT, SUB)
    computed = compute_values(chart, {"text": None, "map": {"a": None}, "sub": {"text": None}})
    assert "text" not in computed
    assert computed["map"] == {"b": {"c": 1}}
    assert "text" not in computed["sub"]


def test_merging_two_values_files_keeps_a_null_of_the_second(make_chart: MakeChart) -> None:
    assert merge({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"b": None}, "d": {"e": 1}}) == {
        "a": {"b": None, "c": [1]},
        "d": {"e": 1},
    }


def test_merging_changes_neither_defaults_nor_given_values(make_chart: MakeChart) -> None:
    chart = make_chart(PARENT, SUB)
    given: Values = {"map": {"a": None}, "global": {"map": {"a": 2}}}
    before = json.dumps(given)
    compute_values(chart, given)["map"]["b"]["c"] = "changed"
    assert json.dumps(given) == before
    assert_as_helm(chart, given)


def test_a_null_among_defaults_is_dropped(make_chart: MakeChart) -> None:
    nulls = {"text": None, "map": {"a": None}, "global": {"text": None}}
    chart = make_chart(PARENT | {"none": None, "sub": nulls}, SUB | {"none": None})
    assert_as_helm(chart, {})
    assert_as_helm(chart, {"sub": {"map": {"b": 3}}, "none": None})


def make_values(random: Random, depth: int = 3) -> Any:
    if depth and random.random() < 0.7:
        keys = random.sample(["a", "b", "global", "sub"], random.randint(1, 3))
        return {key: make_values(random, depth - 1) for key in keys}
    return random.choice([1, "text", [1], None, {}])


def make_map(random: Random) -> Values:
    values: Values = {key: make_values(random, 2) for key in ("a", "b")}
    for key in ("global", "sub"):  # Helm accepts only maps as values of these keys
        made = make_values(random)
        values |= {key: made} if isinstance(made, dict) else {}
    inner = values.get("sub", {})
    if not isinstance(inner.get("global", {}), dict):
        del inner["global"]
    return values


@pytest.mark.parametrize("seed", range(40))
def test_random_values_are_merged_as_helm_merges(make_chart: MakeChart, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - not for cryptography
    chart = make_chart(make_map(random), make_map(random), listed=bool(seed % 2))
    assert_as_helm(chart, make_map(random), make_map(random))
