"""A finding about a value that the new version refuses states what a user writes instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from carbon.upgrade.cases import Case
from carbon.upgrade.run import examine_case, examine_charts

CHECK = """{{- with .Values.replicas }}
{{- $head := "The values of chart example can't work:" }}
{{- fail (printf "\\n\\n%s\\n  - replicas: PORT: a port is set; write 1; or none\\n" $head) }}
{{- end }}
"""
CLOSED = {"additionalProperties": False}
RENDER = "pass your values to `helm template` with the new version until it accepts them"


def write_chart(folder: Path, schema: dict[str, Any], template: str = "") -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: example\nversion: 1.0.0\n")
    (folder / "values.schema.json").write_text(json.dumps(schema))
    (folder / "templates" / "checks.yaml").write_text(template)
    return folder


@pytest.mark.parametrize(
    ("key", "schema", "value", "what", "remedy"),
    [
        ("replicas", {}, 2, "PORT: a port is set", "write 1; or none"),
        ("a", False, 1, "false schema", "remove the key from your values"),
        (
            "a",
            CLOSED,
            {"b": 1},
            "additional properties 'b' not allowed",
            "remove 'b' from your values",
        ),
        ("a", {"enum": ["b"]}, "c", "value must be 'b'", "write 'b'"),
        ("a", {"enum": ["b", 1]}, "c", "value must be one of 'b', 1", "write one of 'b', 1"),
        (
            "a",
            {"pattern": "^b$"},
            "c",
            "'c' does not match pattern '^b$'",
            "write a text that matches '^b$'",
        ),
        ("a", {"type": "null"}, "c", "got string, want null", "write a value of the type null"),
        ("a", {"minimum": 2}, 1, "minimum: got 1, want 2", "write a value with the minimum 2"),
        ("a", {"required": ["b"]}, {}, "missing property 'b'", "set 'b'"),
        ("a", {"not": {"type": "string"}}, "c", "'not' failed", RENDER),
    ],
)
def test_the_remedy_is_that_of_the_message(
    tmp_path: Path, key: str, schema: Any, value: object, what: str, remedy: str
) -> None:
    old = write_chart(tmp_path / "old", {})
    new = write_chart(tmp_path / "new", {"properties": {key: schema}}, CHECK)
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps({key: value}))
    (found,) = examine_case(Case(old, new, "example", values))
    assert found.rule == "values/refused"
    assert found.what == f"refuses values that the old version accepts: {what}"
    assert found.remedy == f"Before the upgrade, {remedy}."


def test_a_template_that_reads_an_absent_key_is_reported_by_the_key(tmp_path: Path) -> None:
    old = write_chart(tmp_path / "old", {})
    new = write_chart(tmp_path / "new", {}, "a: {{ .Values.queue.name.first }}\n")
    (new / "values.yaml").write_text("queue: {name: {first: a}}\n")
    found = examine_charts(old, new)
    (what,) = (each.what for each in found if each.rule == "values/reuse")
    assert what.endswith("fails: a template reads queue.name.first, which the old values lack")
