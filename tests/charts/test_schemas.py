"""Schemas and default values agree, keys are described, and a slip of the pen is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tests.charts.cases import CHARTS, renders

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.render import run_template
from carbon.charts.schema import SOURCE
from carbon.errors import CarbonError


def schema(chart: Chart) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((chart.folder / "values.schema.json").read_text("utf-8"))
    return found


def undescribed(node: dict[str, Any], at: str = "") -> Iterator[str]:
    """Keys that a chart's author wrote without a description or a fragment's."""
    for key, child in node.get("properties", {}).items():
        path = f"{at}.{key}" if at else key
        if "properties" in child:
            yield from undescribed(child, path)
        elif "description" not in child and "$ref" not in child:
            yield path


def unknown(values: Any, node: dict[str, Any], at: str = "") -> Iterator[str]:
    """Keys of default values that the schema does not have."""
    known = node.get("properties")
    if not isinstance(values, dict) or known is None:
        return
    for key, value in values.items():
        path = f"{at}.{key}" if at else key
        if key in known:
            yield from unknown(value, known[key], path)
        elif node.get("additionalProperties") is False:
            yield path


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_the_defaults_are_valid_and_declared(chart: Chart) -> None:
    wrong = Draft7Validator(schema(chart)).iter_errors(chart.values())
    assert [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in wrong] == []
    assert list(unknown(chart.values(), schema(chart))) == []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_every_key_is_described(chart: Chart) -> None:
    assert list(undescribed(read_yaml(chart.folder / SOURCE))) == []


@pytest.mark.parametrize("helm", ["helm", "helm3"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_an_unknown_key_is_refused_by_name(chart: Chart, helm: str) -> None:
    plain = renders(chart)[0]
    slip = type(plain)(plain.chart, sets=("replicsa=3",), apis=plain.apis, helm=helm)
    with pytest.raises(CarbonError, match="replicsa"):
        run_template(slip)
