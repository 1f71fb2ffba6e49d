"""In every chart, Helm refuses keys that a map must not have, and names the map by its path."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.charts.cases import APIS, CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.generate.names import get_entry_schema, is_refused
from carbon.charts.generate.schema import COMPILED
from carbon.charts.render import Render, run_template
from carbon.check.sources.schema_tree import read_schema
from carbon.errors import CarbonError

MALFORMED = "not a name, and far too long for one"
EXACT = re.compile(r"\^\w+\$")
"""A pattern that one name matches."""
Keys = tuple[str, ...]


def list_names(schema: Any, at: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Yield the path of each map that restricts names, with names that the map refuses."""
    if not isinstance(schema, dict):
        return
    for key, child in (schema.get("properties") or {}).items():
        yield from list_names(child, (*at, key))
    if "array" in str(schema.get("type")):
        yield from list_names(schema.get("items"), (*at, "0"))
    patterns = schema.get("patternProperties") or {}
    if patterns and schema.get("additionalProperties") is False:
        yield at, MALFORMED
    for pattern in (pattern for pattern, inner in patterns.items() if is_refused(inner)):
        long = re.fullmatch(r"\^\.\{(\d+)\}", pattern)
        yield at, "x" * int(long[1]) if long else re.split(r"[(|)]", pattern)[1].replace("\\", "")
    exact = {pattern[1:-1]: each for pattern, each in patterns.items() if EXACT.fullmatch(pattern)}
    for name, entry in (exact or {"entry": get_entry_schema(schema)}).items():
        yield from list_names(entry, (*at, name))


def set_name(values: Any, path: Keys, name: str) -> Any:
    """Return values with the key `name` in the map at a path; "0" is the first item of a list."""
    if not path:
        return {**(values or {}), name: "value"}
    if path[0] == "0":
        return [set_name((values or [{}])[0], path[1:], name)]
    inner = (values or {}).get(path[0])
    return {**(values or {}), path[0]: set_name(inner, path[1:], name)}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_helm_reports_each_refused_key_with_its_path(chart: Chart, tmp_path: Path) -> None:
    text = (chart.folder / COMPILED).read_text("utf-8")
    assert "propertyNames" not in text
    names = list(list_names(read_schema(chart.folder / COMPILED)))
    values: Any = {}
    for path, name in names:
        values = set_name(values, path, name)
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(CarbonError) as refused:
        run_template(Render(chart.folder, (file,), apis=APIS))
    for path, name in names:
        at = "/".join(("", *path))
        if name == MALFORMED:
            line = rf"at '{re.escape(at)}': additional properties .*'{MALFORMED}'.* not allowed"
            assert re.search(line, refused.value.what), at
        else:
            assert f"at '{at}/{name}': got string, want null" in refused.value.what
    assert len(names) > 10
