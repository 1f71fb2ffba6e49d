"""The schema compiler: fragments, unknown keys, keys that Helm adds, outdated files."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.charts.discovery import find_charts
from carbon.charts.generate.files import build_files, find_stale
from carbon.charts.generate.fragments import Fragments
from carbon.charts.generate.names import restate_names
from carbon.charts.generate.readme import describe_type, list_rows
from carbon.charts.generate.schema import compile_schema, refuse_unknown_keys
from carbon.charts.values import EDITOR_SCHEMA
from carbon.errors import CarbonError


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with an umbrella, one chart and a library chart."""
    for folder, name, more in (
        ("charts/common", "common", {"type": "library"}),
        ("charts/store", "store", {"sources": ["https://store.example"]}),
        (
            "umbrella",
            "254carbon",
            {"dependencies": [{"name": "store", "alias": "disk", "version": "0"}]},
        ),
    ):
        meta = {"apiVersion": "v2", "name": name, "version": "0.1.0", "description": f"A {name}."}
        write(tmp_path / folder / "Chart.yaml", meta | more)
    (tmp_path / "charts/store/charts").mkdir()
    (tmp_path / "charts/store/charts/common").symlink_to("../../common")
    write(tmp_path / "charts/store/values.yaml", {"size": 1, "resources": {"cpu": "1"}})
    write(tmp_path / "charts/store/values.schema.yaml", STORE)
    write(tmp_path / "umbrella/values.schema.yaml", {"properties": {}})
    write(tmp_path / "schemas/kubernetes.yaml", FRAGMENTS)
    return tmp_path


STORE = """
properties:
  size: {type: integer, minimum: 1, description: How big | in GiB.}
  resources: {$ref: "kubernetes.yaml#/resources", description: Of the server.}
  users: {type: array, items: {type: object, properties: {name: {type: string}}}}
"""
FRAGMENTS: dict[str, Any] = {
    "resources": {
        "type": "object",
        "description": "Of anything.",
        "properties": {"cpu": {"$ref": "#/quantity"}},
    },
    "quantity": {"type": ["string", "number"]},
}


def read_schema(root: Path, name: str = "store") -> dict[str, Any]:
    path = root / ("umbrella" if name == "254carbon" else f"charts/{name}") / "values.schema.json"
    schema: dict[str, Any] = json.loads(build_files(root)[path])
    return schema


def test_a_reference_is_inlined_and_keys_beside_it_override_the_fragment(checkout: Path) -> None:
    assert read_schema(checkout)["properties"]["resources"] == {
        "type": "object",
        "description": "Of the server.",
        "properties": {"cpu": {"type": ["string", "number"]}},
        "additionalProperties": False,
    }


def test_the_schema_declares_the_keys_that_helm_adds(checkout: Path) -> None:
    added = read_schema(checkout)["properties"]
    assert set(added) == {"size", "resources", "users", "global", "enabled", "common"}
    umbrella = read_schema(checkout, "254carbon")["properties"]
    assert set(umbrella) == {"global", "disk"}, (
        "an alias is a key, and an umbrella has no key `enabled`"
    )


def test_the_compiler_keeps_the_schema_of_global_that_a_chart_writes(checkout: Path) -> None:
    declared = {"type": "object", "properties": {"a": {"type": "string"}}}
    write(checkout / "charts/store/values.schema.yaml", {"properties": {"global": declared}})
    assert read_schema(checkout)["properties"]["global"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            "kubernetes.yaml#/resorces",
            r"store/values.schema.yaml#/properties/a: .*/resorces does not exist",
        ),
        ("nothing.yaml#/a", r"nothing.yaml is missing"),
        ("kubernetes.yaml", r"store/values.schema.yaml#/properties/a: \$ref: kubernetes.yaml"),
        ("kubernetes.yaml#/round", r"circular \$ref: .*#/round → .*#/about → .*#/round"),
    ],
)
def test_an_invalid_reference_is_refused_with_its_location(
    checkout: Path, reference: str, message: str
) -> None:
    circle = {"round": {"items": {"$ref": "#/about"}}, "about": {"$ref": "#/round"}}
    write(checkout / "schemas/kubernetes.yaml", FRAGMENTS | circle)
    write(
        checkout / "charts/store/values.schema.yaml",
        {"properties": {"a": {"$ref": reference}}},
    )
    with pytest.raises(CarbonError, match=message):
        build_files(checkout)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"properties": {"a": {"type": "text"}}}, r"values.schema.yaml#/properties/a.*text"),
        ("properties: {a: [}", r"values.schema.yaml:1: "),
        ("- a", "a map is expected"),
    ],
)
def test_an_invalid_schema_is_refused_with_its_location(
    checkout: Path, content: object, message: str
) -> None:
    write(checkout / "charts/store/values.schema.yaml", content)
    with pytest.raises(CarbonError, match=message):
        build_files(checkout)


def test_a_checkout_without_symbolic_links_is_refused(checkout: Path) -> None:
    link = checkout / "charts/store/charts/common"
    link.unlink()
    link.write_text("../../common")
    with pytest.raises(CarbonError, match="must be a symbolic link") as refused:
        find_charts(checkout)
    assert "core.symlinks" in refused.value.remedy


def test_a_chart_without_a_schema_is_refused(checkout: Path) -> None:
    (checkout / "charts/store/values.schema.yaml").unlink()
    with pytest.raises(CarbonError, match=r"store/values.schema.yaml is missing"):
        build_files(checkout)


def test_unknown_keys_are_refused_except_in_open_maps_and_conditions() -> None:
    whole: dict[str, Any] = {
        "properties": {
            "closed": {"type": "object", "properties": {"a": {}}},
            "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
            "map": {"type": "object"},
            "list": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}},
        },
        "if": {"properties": {"closed": {"properties": {"a": {"const": 1}}}}},
        "oneOf": [{"type": "object", "properties": {"a": {}}}, {"properties": {"b": {}}}],
    }
    refuse_unknown_keys(whole)
    properties = whole["properties"]
    assert whole["additionalProperties"] is False
    assert properties["closed"]["additionalProperties"] is False
    assert properties["open"]["additionalProperties"] is True
    assert "additionalProperties" not in properties["map"]
    assert properties["list"]["items"]["additionalProperties"] is False
    assert "additionalProperties" not in json.dumps(whole["if"])
    assert [one.get("additionalProperties") for one in whole["oneOf"]] == [False, None]


def test_a_subchart_has_no_descriptions_of_global(checkout: Path) -> None:
    part = {"type": "object", "description": "A", "properties": {"description": {"type": "string"}}}
    written = {"properties": {"global": part, "size": {"type": "integer", "description": "B"}}}
    write(checkout / "charts/store/values.schema.yaml", written)
    properties = read_schema(checkout)["properties"]
    assert "description" not in properties["global"]
    assert properties["global"]["properties"]["description"] == {"type": "string"}
    assert properties["size"]["description"] == "B"


def test_the_editor_schema_contains_subcharts_under_their_keys(checkout: Path) -> None:
    whole = json.loads(build_files(checkout)[checkout / EDITOR_SCHEMA])
    inner = whole["properties"]["disk"]
    assert inner["properties"]["size"]["type"] == "integer"
    assert inner["additionalProperties"] is False
    assert "global" not in inner["properties"]


def test_the_readme_lists_values_with_types_and_defaults_and_the_sources(checkout: Path) -> None:
    text = build_files(checkout)[checkout / "charts/store/README.md"]
    assert "| `size` | integer | `1` | How big \\| in GiB. |" in text
    assert '| `resources` | map | `{"cpu": "1"}` | Of the server. |' in text
    assert "| `users` | list of maps |" in text
    assert "| `users[].name` | string |" in text
    assert "`enabled`" not in text
    assert "- https://store.example" in text


def test_an_expanded_fragment_has_a_row_for_each_key(checkout: Path) -> None:
    chart = next(c for c in find_charts(checkout) if c.name == "store")
    whole = compile_schema(chart, Fragments(checkout / "schemas"))
    keys = [row.key for row in list_rows(whole, {}, expand=True)]
    assert "resources.cpu" in keys
    assert "resources" not in keys


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"enum": ["a", None]}, '`"a"` or `null`'),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "array"}, "list"),
        ({}, "any"),
    ],
)
def test_the_readme_shows_the_type_in_words(schema: dict[str, Any], text: str) -> None:
    assert describe_type(schema) == text


def test_missing_and_changed_files_are_outdated(checkout: Path) -> None:
    files = build_files(checkout)
    assert find_stale(files) == list(files)
    for path, text in files.items():
        path.write_text(text)
    assert find_stale(files) == []
    readme = checkout / "charts/store/README.md"
    readme.write_text("by hand")
    assert find_stale(build_files(checkout)) == [readme]


def test_the_readme_of_the_umbrella_shows_the_defaults_of_global(checkout: Path) -> None:
    write(checkout / "charts/store/values.yaml", {"global": {"port": 1, "host": "a"}})
    write(checkout / "umbrella/values.yaml", {"global": {"host": "b"}})
    shared = {"properties": {"port": {"type": "integer"}, "host": {"type": "string"}}}
    whole = {"properties": {"global": {"type": "object"} | shared}}
    write(checkout / "umbrella/values.schema.yaml", whole)
    text = build_files(checkout)[checkout / "umbrella/README.md"]
    assert "| `global.port` | integer | `1` |" in text
    assert '| `global.host` | string | `"b"` |' in text


def test_property_names_that_no_pattern_can_state_are_refused() -> None:
    node = {"type": "object", "propertyNames": {"minLength": 2}}
    with pytest.raises(CarbonError, match="/a/propertyNames can't be written"):
        restate_names({"a": node})
