"""`carbon check --deep` renders charts with random values and reports errors.

The schema accepts most of the random values. The report names only the keys that break the chart.
"""

from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from tests.check.mutation import append_text

from carbon.charts import render
from carbon.check.random_values import renders
from carbon.check.random_values.generator import ValueGenerator
from carbon.check.sources.schema_tree import iterate_leaves, read_schema
from carbon.home import ROOT

CHART = "charts/mlflow"
SCHEMA = ROOT / CHART / "values.schema.json"
INVALID = """
{{- if eq .Values.xFrameOptions "DENY" }}
- invalid
{{- end }}
"""
REFUSED = "  internalTrafficPolicy: Sometimes\n"


def test_the_schema_accepts_most_random_values() -> None:
    generator = ValueGenerator(1)
    leaves = [leaf for _, leaf in iterate_leaves(read_schema(SCHEMA))] * 3
    accepted = [Draft7Validator(leaf).is_valid(generator.generate(leaf)) for leaf in leaves]
    assert sum(accepted) > 0.9 * len(accepted)


def test_tries_strings_that_yaml_reads_as_other_types_if_the_pattern_allows_them() -> None:
    generator = ValueGenerator(1)
    schema = {"type": "string", "pattern": "^[a-z0-9]*$", "maxLength": 63}
    made = {generator.generate(schema) for _ in range(100)}
    assert made > {"", "true", "null", "007", "1e3"}
    assert "x" * 80 not in made


def test_a_schema_with_examples_gets_only_these_values() -> None:
    schema = {"type": "string", "minLength": 1, "examples": ["UTC", "Europe/Berlin"]}
    made = {ValueGenerator(seed).generate(schema) for seed in range(20)}
    assert made == {"UTC", "Europe/Berlin"}


def test_an_object_with_free_keys_gets_only_the_fields_that_the_schema_lists() -> None:
    schema = {"type": "object", "properties": {"name": {}}, "additionalProperties": True}
    made = [ValueGenerator(seed).generate(schema) for seed in range(20)]
    assert {name for each in made for name in each} == {"name"}


def test_the_same_seed_gives_the_same_values() -> None:
    first, second = ValueGenerator(7), ValueGenerator(7)
    leaves = [leaf for _, leaf in iterate_leaves(read_schema(SCHEMA))][:50]
    assert [first.generate(leaf) for leaf in leaves] == [second.generate(leaf) for leaf in leaves]


def test_the_check_reports_only_the_key_that_breaks_the_chart(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_text(root / CHART / "templates" / "server" / "service.yaml", INVALID)
    chosen = {("xFrameOptions",): "DENY", ("workers",): 1, ("replicas",): 2}
    monkeypatch.setattr(renders, "BATCH", 1)
    monkeypatch.setattr(renders, "_choose_values", lambda *_: chosen)
    (finding,) = renders.try_values(root, root / CHART, 1).findings
    assert finding.rule == renders.HOLDS
    assert finding.what.splitlines()[-1] == "xFrameOptions: DENY"


def test_the_check_reports_a_field_that_only_kube_validate_refuses(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_text(root / CHART / "templates" / "server" / "service.yaml", REFUSED)
    monkeypatch.setattr(renders, "BATCH", 1)
    monkeypatch.setattr(renders, "_choose_values", lambda *_: {("workers",): 1})
    (finding,) = renders.try_values(root, root / CHART, 1).findings
    assert finding.rule == renders.HOLDS
    assert finding.what.startswith("Service: spec.internalTrafficPolicy")


def test_the_helm_process_restarts_after_a_number_of_renders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "RENDERS", 2)
    helm = render._Helm()
    arguments = ["helm", "template", "x", str(ROOT / CHART)]
    started, answers = [], []
    for _ in range(3):
        answers.append(helm.ask(arguments))
        started.append(helm._program.pid)
    helm._program.kill()
    assert answers[0]["out"]
    assert answers[0] == answers[1] == answers[2]
    assert started[0] == started[1] != started[2]
