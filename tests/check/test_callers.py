"""The cause of a wrong value in a helper is the line that passes the value to the helper."""

from pathlib import Path

import pytest

from carbon.check.causes import callers

HELPER = """{{- define "web.name" }}
{{- .name | default "web" }}
{{- end }}
{{- define "web.scaler" }}
kind: HorizontalPodAutoscaler
metadata:
  {{- include "web.metadata" . | nindent 2 }}
spec:
  target:
    kind: Deployment
    name: {{ .name | default (include "web.name" .) }}
  {{- with .values.scaling }}
  max: {{ .max }}
  {{- end }}
  min: {{ .values.scaling.min }}
{{- end }}
{{- define "web.metadata" }}
name: {{ .name }}
namespace: {{ .namespace }}
account: {{ .user }}
{{- end }}
{{- define "web.outer" }}
{{- include "web.scaler" (merge (dict "kind" "Job") .) }}
{{- end }}
"""
TEMPLATE = """{{- $me := dict
      "ctx" $
      "app" "web" }}
{{- $name := printf "%s-web" .Release.Name }}
{{- $other := include "web.name" $me }}
metadata:
  {{- include "web.metadata" (merge (dict "name" $name "user"
      "root") $me) | nindent 2 }}
spec:
  key: {{ $name }}
  more: {{ $name }}-{{ $other }}
---
{{- include "web.outer" (dict
      "ctx" $
      "name" "server") }}
"""
TEXTS = {Path("_helpers.tpl"): HELPER, Path("web.yaml"): TEMPLATE}


@pytest.mark.parametrize(
    ("line", "is_computed"),
    [(6, True), (8, False), (10, False), (11, True), (13, True), (15, False)],
)
def test_recognizes_a_value_that_comes_from_arguments(line: int, is_computed: bool) -> None:
    assert callers.is_computed(HELPER, line) is is_computed


@pytest.mark.parametrize(
    ("line", "path", "caller"),
    [
        (18, ("metadata", "name"), 4),
        (19, ("metadata", "namespace"), 1),
        (20, ("metadata", "account"), 7),
        (11, ("spec", "target", "name"), 15),
        (10, ("spec", "target", "kind"), 13),
    ],
)
def test_finds_the_line_that_passes_an_argument(
    line: int, path: tuple[str, ...], caller: int
) -> None:
    found = callers.find_caller(TEXTS, Path("web.yaml"), Path("_helpers.tpl"), line, path)
    assert found == caller


def test_finds_no_caller_in_a_template_that_does_not_include_the_helper() -> None:
    texts = TEXTS | {Path("other.yaml"): "kind: Service\n"}
    path = ("spec", "target", "name")
    assert callers.find_caller(texts, Path("other.yaml"), Path("_helpers.tpl"), 11, path) is None


@pytest.mark.parametrize(("key", "line"), [("name", 4), ("namespace", 1), ("labels", 1)])
def test_finds_the_line_that_passes_metadata(key: str, line: int) -> None:
    assert callers.find_metadata(TEMPLATE, 6, key) == line


def test_finds_the_definition_of_the_variable_in_a_line_with_only_one_variable() -> None:
    assert callers.find_definition(TEMPLATE, 10) == 4
    assert callers.find_definition(TEMPLATE, 11) is None


def test_finds_the_line_of_a_key_in_a_map_or_of_the_map_if_it_lacks_the_key() -> None:
    assert callers.find_below(HELPER, 9, "name") == 11
    assert callers.find_below(HELPER, 9, "labels") == 9
