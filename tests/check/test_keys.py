"""`carbon check --only keys` finds keys of a schema whose value changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from carbon.charts.generate.schema import COMPILED
from carbon.check.random_values import key_effects
from carbon.check.random_values.leaves import list_leaves, read_values, set_value

TEXT = {"type": "string", "pattern": "^[a-z]+$"}
NUMBER = {"type": "integer"}
SWITCH = {"type": "boolean"}
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  read: {{ .Values.read }}
  {{- if .Values.feature.enabled }}
  option: {{ .Values.feature.option }}
  {{- end }}
  {{- range $name, $entry := .Values.entries }}
  {{ $name }}: {{ $entry.size }}
  {{- end }}
  {{- range .Values.items }}
  {{ .name }}: item
  {{- end }}
  image: {{ .Values.image.digest | default .Values.image.tag }}
  shared: {{ .Values.global.region }}
{{- if or (eq .Values.refused "wrong") (and .Values.demand (not .Values.pair.first)) }}
{{- fail "the values of the chart can't work" }}
{{- end }}
"""


def describe(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


SCHEMA = describe(
    read=TEXT,
    unread=TEXT,
    refused={"enum": ["right", "wrong"]},
    demand=SWITCH,
    pair=describe(first=SWITCH, unread=TEXT),
    enabled=SWITCH,
    feature=describe(enabled=SWITCH, option=TEXT, unread=SWITCH),
    entries={"type": "object", "additionalProperties": describe(size=NUMBER, unread=NUMBER)},
    items={"type": "array", "items": describe(name=TEXT, unread=TEXT)},
    absent={"type": "object", "additionalProperties": describe(size=NUMBER)},
    labels={"type": "object", "additionalProperties": TEXT},
    image=describe(tag=TEXT, digest=TEXT),
    **{"global": describe(region=TEXT, unread=TEXT, elsewhere=TEXT)},
)
VALUES = {
    "read": "a",
    "unread": "a",
    "refused": "right",
    "demand": False,
    "pair": {"first": False, "unread": "a"},
    "enabled": True,
    "feature": {"enabled": False, "option": "a", "unread": False},
    "entries": {},
    "items": [],
    "absent": {},
    "labels": {},
    "image": {"tag": "a", "digest": ""},
    "global": {"region": "a", "unread": "a"},
}
CI = {
    "demand": True,
    "pair": {"first": True},
    "feature": {"enabled": True},
    "entries": {"one": {"size": 1}, "two": {}},
    "items": [{"name": "one"}],
    "image": {"digest": "b"},
}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """Return the folder of a chart with keys that change nothing, each of another kind."""
    folder = tmp_path / "charts" / "a"
    (folder / "templates").mkdir(parents=True)
    (folder / "ci").mkdir()
    (folder / "Chart.yaml").write_text("{apiVersion: v2, name: a, version: 1.0.0}")
    (folder / "values.yaml").write_text(yaml.safe_dump(VALUES))
    (folder / COMPILED).write_text(json.dumps(SCHEMA))
    (folder / "ci" / "full-values.yaml").write_text(yaml.safe_dump(CI))
    (folder / "templates" / "configmap.yaml").write_text(TEMPLATE)
    return folder


def test_reports_each_key_that_changes_nothing(chart: Path) -> None:
    """The keys of `feature` and `image.tag` have an effect in one of the cases only.

    Helm reads `enabled`. The chart has no default for `global.elsewhere`.
    """
    result = key_effects.check_keys(chart.parents[1], chart, 0, 1)
    assert {finding.rule for finding in result.findings} == {key_effects.EFFECT}
    assert {finding.subject.removeprefix("Key/"): finding.what for finding in result.findings} == {
        "absent.*.size": "no CI values file sets an entry in which absent.*.size could be set",
        **{
            key: f"other values of {key} do not change the render, and are not refused"
            for key in (
                "unread",
                "pair.unread",
                "feature.unread",
                "entries.*.unread",
                "items.*.unread",
                "labels",
                "global.unread",
            )
        },
    }


def test_the_tasks_share_the_keys(chart: Path) -> None:
    counts = [
        key_effects.check_keys(chart.parents[1], chart, number, 2).counts["leaves"]
        for number in range(2)
    ]
    assert sum(counts) == 19


def test_the_umbrella_has_the_keys_of_global_for_which_no_other_chart_has_a_default(
    chart: Path,
) -> None:
    umbrella = chart.parents[1] / "umbrella"
    (umbrella / "templates").mkdir(parents=True)
    part = {"name": "a", "version": "1.0.0", "condition": "a.enabled"}
    meta = {"apiVersion": "v2", "name": "all", "version": "1.0.0", "dependencies": [part]}
    (umbrella / "Chart.yaml").write_text(yaml.safe_dump(meta))
    (umbrella / "values.yaml").write_text("a: {enabled: true}")
    (umbrella / "charts").mkdir()
    (umbrella / "charts" / "a").symlink_to(chart)
    keys = {"global": SCHEMA["properties"]["global"], "quota": TEXT}
    (umbrella / COMPILED).write_text(json.dumps(describe(**keys)))
    result = key_effects.check_keys(chart.parents[1], umbrella, 0, 1)
    assert result.counts == {"leaves": 3}
    assert [finding.subject for finding in result.findings] == [
        "Key/global.elsewhere",
        "Key/quota",
    ]


def test_paths_name_the_keys_of_entries_and_items() -> None:
    paths = {".".join(path) for path, _ in list_leaves(SCHEMA)}
    assert paths >= {"feature.enabled", "entries.*.size", "items.*.name", "labels", "global.unread"}


@pytest.mark.parametrize(
    ("path", "before", "override"),
    [
        ("read", ["a"], {"read": "new"}),
        ("entries.*.size", [1], {"entries": {"one": {"size": "new"}, "two": {"size": "new"}}}),
        ("items.*.other", [], {"items": [{"name": "one", "other": "new"}]}),
    ],
)
def test_sets_a_key_in_each_entry(path: str, before: list[Any], override: Any) -> None:
    values, keys = VALUES | CI, tuple(path.split("."))
    assert list(read_values(values, keys)) == before
    assert set_value(values, keys, "new") == override
