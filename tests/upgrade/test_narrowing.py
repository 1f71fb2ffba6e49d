"""The walk over two schemas finds every value that only the old schema accepts."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft7Validator

from carbon.check.findings import KeyPath
from carbon.check.random_values.generator import ValueGenerator
from carbon.home import ROOT
from carbon.upgrade.sides import find_old
from carbon.upgrade.values.narrowing import ANY, list_added_keys, list_narrowings

Schema = dict[str, Any]
ALL = ("backup", "data-services", "feast", "gpu-pool", "mesh-policies", "mlflow", "ray-cluster")
CHARTS = ("mlflow", "feast", "ray-cluster")


def read_schema(chart: Path) -> Schema:
    schema: Schema = json.loads((chart / "values.schema.json").read_text("utf-8"))
    return schema


def list_nodes(schema: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Schema]]:
    """Yield each schema of a key below `properties`, with the path of the key."""
    for key, inner in schema.get("properties", {}).items():
        if isinstance(inner, dict):
            yield (*path, key), inner
            yield from list_nodes(inner, (*path, key))


def remove_key(node: Schema) -> bool:
    known = node.get("properties")
    if not known or node.get("additionalProperties") is not False:
        return False
    known.pop(next(iter(known)))
    return True


def change_type(node: Schema) -> bool:
    if not isinstance(node.get("type"), str) or "enum" in node:
        return False
    node["type"] = "null"
    return True


def drop_word(node: Schema) -> bool:
    return len(node.get("enum", ())) > 1 and bool(node["enum"].pop())


def add_bound(node: Schema) -> bool:
    if node.get("type") != "integer":
        return False
    node["minimum"] = node.get("minimum", 0) + 5
    return True


def add_pattern(node: Schema) -> bool:
    if node.get("type") != "string" or "enum" in node:
        return False
    node["pattern"] = "^never$"
    return True


def require_key(node: Schema) -> bool:
    if node.get("type") != "object":
        return False
    node["required"] = [*node.get("required", ()), "surely-new"]
    return True


def close_map(node: Schema) -> bool:
    if node.get("type") != "object" or node.get("additionalProperties") in (False, None):
        return False
    node["additionalProperties"] = False
    return True


CHANGES: tuple[Callable[[Schema], bool], ...] = (
    remove_key,
    change_type,
    drop_word,
    add_bound,
    add_pattern,
    require_key,
    close_map,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_finds_a_narrowing_at_any_depth(change: Callable[[Schema], bool]) -> None:
    tried = 0
    for name in CHARTS:
        old = read_schema(ROOT / "charts" / name)
        paths = [path for path, node in list_nodes(old) if change(deepcopy(node))]
        for path in Random(0).sample(paths, min(12, len(paths))):  # noqa: S311 - no secrets
            new = deepcopy(old)
            change(next(node for each, node in list_nodes(new) if each == path))
            found = [each.path for each in list_narrowings(old, new, {})]
            assert any(each[: len(path)] == path for each in found), (name, path)
            tried += 1
    assert tried >= 3


@pytest.mark.parametrize("name", CHARTS)
def test_a_schema_is_not_narrower_than_itself(name: str) -> None:
    schema = read_schema(ROOT / "charts" / name)
    wider = deepcopy(schema)
    wider["properties"]["surely-new"] = {"type": "string"}
    assert list(list_narrowings(schema, deepcopy(schema), {})) == []
    assert list(list_narrowings(schema, wider, {})) == []
    assert list(list_added_keys(schema, wider)) == [("surely-new",)]


@pytest.mark.parametrize("name", ALL)
def test_explains_each_random_value_that_only_release_0_1_0_accepts(name: str) -> None:
    old = read_schema(find_old("0.1.0").list_charts()[name].folder)
    new = read_schema(ROOT / "charts" / name)
    before, after = Draft7Validator(old), Draft7Validator(new)
    known = [each.path for each in list_narrowings(old, new, {})]
    refused = 0
    for seed in range(30):
        value = ValueGenerator(seed).generate(old)
        errors = list(after.iter_errors(value))
        given = [error for error in errors if error.validator != "required"]
        accepted = {tuple(error.absolute_path) for error in before.iter_errors(value)}
        for error in given:
            path = tuple(error.absolute_path)
            if path not in accepted:
                refused += 1
                assert any(covers(each, path) for each in known), (path, error.message[:200])
    assert refused


def covers(known: KeyPath, path: tuple[str | int, ...]) -> bool:
    """Return whether a narrowing is at the place of an error, above it, or a key below it."""
    pairs = list(zip(known, path, strict=False))
    same = all(step in (ANY, str(key)) for step, key in pairs)
    return same and len(known) <= len(path) + 1
