"""Compiles `values.schema.yaml`, written by hand, into `values.schema.json`, which Helm reads."""

import json
from collections.abc import Mapping
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.generate.fragments import MARK, Fragments, Schema
from carbon.charts.generate.names import restate_names
from carbon.errors import CarbonError
from carbon.files import format_path

SOURCE = "values.schema.yaml"
COMPILED = "values.schema.json"
DRAFT = "http://json-schema.org/draft-07/schema#"

NULLABLE = "x-nullable"
"""A keyword of this project: keys below it accept null, which deletes a default value."""

SECRET = "existingSecret"  # noqa: S105 (a key of values)
"""Key of values that name a Secret."""

_MAPS = ("properties", "patternProperties", "definitions", "dependencies")
_LISTS = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else", "not")
"""Schemas below these keywords can be partial: those without a type accept unknown keys."""
_ONE = ("additionalProperties", "items", "contains", "propertyNames", *_CONDITIONS)


def compile_schema(chart: Chart, fragments: Fragments) -> Schema:
    """Return a chart's schema with references inlined; it refuses unknown keys.

    Keys that Helm adds to the values are declared. Fragments keep their `MARK`.

    Raises:
        CarbonError: the file is missing, has a wrong reference, or violates draft-07.
    """
    # This Python library loads slowly, and modules that import only SOURCE do not use it.
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError

    source = chart.folder / SOURCE
    schema: Schema = {"$schema": DRAFT, "type": "object"} | fragments.compile(source)
    written = schema.get("properties", {})
    added = {key: value for key, value in _build_added_keys(chart).items() if key not in written}
    schema["properties"] = written | added
    require_secrets(schema, chart.read_values())
    accept_nulls(schema)
    refuse_unknown_keys(schema)
    restate_names(schema)
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as wrong:
        where = "/".join(map(str, wrong.absolute_path))
        raise CarbonError(
            f"{format_path(source)}#/{where}: {wrong.message}", "Write JSON Schema draft-07."
        ) from wrong
    return schema


def _build_added_keys(chart: Chart) -> Schema:
    """Return schemas of the keys that Helm, not the chart's author, adds to the values."""
    anything = {"type": "object"}
    added: Schema = {
        "global": anything | {"description": "Values that all charts of a release share."}
    }
    if not chart.is_umbrella:
        about = "Enables this chart in the umbrella. It has no effect on a chart installed alone."
        added["enabled"] = {"type": "boolean", "description": about}
    for key, name in chart.dependencies.items():
        added[key] = anything | {"description": f"Values of the chart {name}."}
    return added


def require_secrets(schema: Any, defaults: Any) -> None:
    """Require, in place, each `existingSecret` that a chart's default values have.

    Helm deletes a key whose value is null before it validates the values. Secrets with
    `x-nullable: true` may be null.
    """
    if not isinstance(schema, dict) or not isinstance(defaults, dict):
        return
    for key, child in (schema.get("properties") or {}).items():
        if key != SECRET:
            require_secrets(child, defaults.get(key))
        elif key in defaults and not child.get(NULLABLE):
            schema["required"] = sorted({*schema.get("required", ()), key})


def accept_nulls(schema: Any, inside: bool = False, entry: bool = False) -> None:
    """Accept null, in place, at and below each node with `x-nullable: true`.

    Below such a node, null is accepted for maps, lists and strings, and for every entry of a map
    that `properties` does not list.
    """
    if not isinstance(schema, dict):
        return
    if schema.pop(NULLABLE, False):
        inside = entry = True
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if inside and kind and (entry or not {*kinds} - {"object", "array", "string"}):
        schema["type"] = [*dict.fromkeys([*kinds, "null"])]
    for child in (schema.get("properties") or {}).values():
        accept_nulls(child, inside)
    for child in (schema.get("patternProperties") or {}).values():
        accept_nulls(child, inside, entry=inside)
    accept_nulls(schema.get("additionalProperties"), inside, entry=inside)


def refuse_unknown_keys(schema: Any, partial: bool = False) -> None:
    """Set `additionalProperties: false`, in place, in object schemas that do not set it.

    Schemas without `properties` do not change.
    """
    if not isinstance(schema, dict):
        return
    kind = schema.get("type", [] if partial else "object")
    if "properties" in schema and ("object" in ([kind] if isinstance(kind, str) else kind)):
        schema.setdefault("additionalProperties", False)
    for key in _MAPS:
        for child in (schema.get(key) or {}).values():
            refuse_unknown_keys(child, partial)
    for key in _LISTS:
        for child in schema.get(key) or []:
            refuse_unknown_keys(child, partial=True)
    for key in _ONE:
        refuse_unknown_keys(schema.get(key), partial or key in _CONDITIONS)


def build_editor_schema(umbrella: Schema, subcharts: Mapping[str, Schema]) -> Schema:
    """Return the schema of a whole values file of the umbrella, with each subchart's schema.

    `subcharts` maps the key of a subchart in the umbrella's values to the subchart's schema.
    """
    inner = {
        key: {k: v for k, v in schema.items() if k != "$schema"}
        for key, schema in subcharts.items()
    }
    for schema in inner.values():
        # `global` is set for the whole umbrella, not for a subchart.
        schema["properties"] = {k: v for k, v in schema["properties"].items() if k != "global"}
    about = "Whole values files of the umbrella, for editors. Generated by `carbon generate`."
    head = {"$schema": DRAFT, "description": about}
    return head | umbrella | {"properties": umbrella["properties"] | inner}


def drop_global_descriptions(schema: Schema) -> Schema:
    """Return a subchart's schema without the descriptions of its `global`.

    The umbrella's schema and README have them. Helm, which shows no descriptions, stores the
    schemas of all subcharts in the one Secret of a release.
    """
    properties = schema.get("properties", {})
    return schema | {
        "properties": {
            key: _drop_descriptions(child) if key == "global" else child
            for key, child in properties.items()
        }
    }


def _drop_descriptions(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_drop_descriptions(each) for each in schema]
    if isinstance(schema, dict):
        return {
            key: _drop_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return schema


def drop_marks(schema: Any) -> Any:
    """Return a schema without the marks of its fragments."""
    if isinstance(schema, list):
        return [drop_marks(each) for each in schema]
    if isinstance(schema, dict):
        return {k: drop_marks(v) for k, v in schema.items() if k != MARK}
    return schema


def format_schema(schema: Schema, indent: int = 0) -> str:
    """Return the text of a schema file.

    The schemas of charts are not indented: Helm stores them in each release's Secret.
    """
    return json.dumps(drop_marks(schema), indent=indent, ensure_ascii=False) + "\n"
