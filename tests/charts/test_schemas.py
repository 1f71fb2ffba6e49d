"""Schemas: default values are valid, keys are described, and Helm refuses unknown keys."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tests.charts.cases import CHARTS, renders

from carbon.charts.discovery import Chart
from carbon.charts.generate.schema import SOURCE
from carbon.charts.render import run_template
from carbon.errors import CarbonError
from carbon.files import read_yaml


def read_schema(chart: Chart) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((chart.folder / "values.schema.json").read_text("utf-8"))
    return schema


def list_undescribed(node: dict[str, Any], at: str = "") -> Iterator[str]:
    """Keys of a values.schema.yaml that have neither a description nor a `$ref`."""
    for key, child in node.get("properties", {}).items():
        path = f"{at}.{key}" if at else key
        if "properties" in child:
            yield from list_undescribed(child, path)
        elif "description" not in child and "$ref" not in child:
            yield path


def list_unknown(values: Any, node: dict[str, Any], at: str = "") -> Iterator[str]:
    """Keys of the default values that the schema does not declare."""
    known = node.get("properties")
    if not isinstance(values, dict) or known is None:
        return
    for key, value in values.items():
        path = f"{at}.{key}" if at else key
        if key in known:
            yield from list_unknown(value, known[key], path)
        elif node.get("additionalProperties") is False:
            yield path


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_default_values_are_valid_and_declared(chart: Chart) -> None:
    errors = Draft7Validator(read_schema(chart)).iter_errors(chart.read_values())
    assert [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in errors] == []
    assert list(list_unknown(chart.read_values(), read_schema(chart))) == []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_every_key_has_a_description(chart: Chart) -> None:
    assert list(list_undescribed(read_yaml(chart.folder / SOURCE))) == []


@pytest.mark.parametrize("helm", ["helm", "helm3"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda c: c.name)
def test_helm_refuses_an_unknown_key_and_names_it(chart: Chart, helm: str) -> None:
    misspelt = replace(renders(chart)[0], sets=("replicsa=3",), helm=helm)
    with pytest.raises(CarbonError, match="replicsa"):
        run_template(misspelt)
