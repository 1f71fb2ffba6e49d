"""Fragments of schemas that are maps of properties."""

from pathlib import Path

from carbon.charts.generate.fragments import Fragments


def test_a_fragment_adds_properties_beside_those_of_a_chart(tmp_path: Path) -> None:
    own, shared = tmp_path / "values.schema.yaml", tmp_path / "servers.yaml"
    own.write_text("properties: {$ref: servers.yaml#/server/properties, a: {type: string}}")
    shared.write_text("server: {properties: {a: {type: number}, b: {type: integer}}}")
    properties = Fragments(tmp_path).compile(own)["properties"]
    assert properties == {"a": {"type": "string"}, "b": {"type": "integer"}}
