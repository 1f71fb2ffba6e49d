"""The walk over two schemas and the library jsoncompat come to the same verdict.

jsoncompat 0.3.1 accepts each change of `pattern`, so patterns are removed before both verdicts on
the schemas of the charts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsoncompat
import pytest
import yaml

from carbon.charts.discovery import find_charts
from carbon.home import ROOT
from carbon.upgrade.sides import find_old
from carbon.upgrade.values.narrowing import list_narrowings

TEXTS = ("pattern", "description", "title", "$schema")
PAIRS = yaml.safe_load((Path(__file__).parent / "schema_pairs.yaml").read_text("utf-8"))
VERDICTS = {"careful": False, "blind": True}


def accepts(old: Any, new: Any) -> bool:
    """Return the library's verdict: whether a reader of the new schema reads all old values."""
    return jsoncompat.check_compat(json.dumps(old), json.dumps(new), "deserializer")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["it"])
def test_pair(pair: dict[str, Any]) -> None:
    old, new, right = pair["old"], pair["new"], pair["accepts"]
    walk, library = (VERDICTS.get(pair.get(judge, ""), right) for judge in ("walk", "library"))
    assert (not list(list_narrowings(old, new, None))) is walk
    assert accepts(old, new) is library


CHARTS = {c.name: c.folder for c in find_charts(ROOT) if (c.folder / "values.schema.json").exists()}


@pytest.mark.parametrize("name", CHARTS)
def test_a_library_comes_to_the_same_verdict_on_each_key_since_release_0_1_0(name: str) -> None:
    folders = find_old("0.1.0").list_charts()[name].folder, CHARTS[name]
    before, after = (
        remove_texts(json.loads((folder / "values.schema.json").read_text("utf-8")))
        for folder in folders
    )
    compared = 0
    for path, one, other in list_pairs(before, after):
        walk = not list(list_narrowings(one, other, None))
        assert walk is accepts(one, other), path
        compared += 1
    assert compared >= 10


def remove_texts(node: Any) -> Any:
    """Return a schema without patterns of texts and without descriptions."""
    if isinstance(node, list):
        return [remove_texts(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: remove_texts(child)
        for key, child in node.items()
        if not (key in TEXTS and isinstance(child, str))
    }


def list_pairs(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the schemas of each key that both versions have and that differ, with the key."""
    if not isinstance(old, dict) or not isinstance(new, dict) or old == new:
        return
    yield path, old, new
    for key in old.get("properties", {}).keys() & new.get("properties", {}).keys():
        yield from list_pairs(old["properties"][key], new["properties"][key], f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if key in old and key in new:
            yield from list_pairs(old[key], new[key], f"{path}.*")
