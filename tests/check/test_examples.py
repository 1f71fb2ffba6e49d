"""Each rule over rendered objects reports its examples, and no other rule reports them."""

import json
from pathlib import Path

import pytest
from tests.check.example import (
    Example,
    build_chart,
    find_violations,
    list_kinds,
    read_default,
    read_examples,
)

from carbon.charts.kubernetes import MINORS
from carbon.check import rules
from carbon.check.programs.kubeconform import validate

_ = rules  # imported because the import registers the rules
EXAMPLES = list(read_examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_only_the_rule_of_an_example_reports_the_violation(example: Example) -> None:
    found = find_violations(example.build_violation())
    assert set(found) == {example.rule}, found


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_rule_reports_a_corrected_example(example: Example) -> None:
    assert find_violations(example.build_correction()) == {}


@pytest.mark.parametrize("kind", list_kinds())
def test_no_rule_reports_a_default_object(kind: str) -> None:
    assert find_violations(build_chart(f"kind: {kind}", {})) == {}


def test_the_default_objects_are_valid_for_kubernetes(tmp_path: Path) -> None:
    for kind in list_kinds():
        (tmp_path / f"{kind}.json").write_text(json.dumps(read_default(kind)))
    messages = validate(tmp_path, MINORS[-1])
    assert {kind: found for kind, found in messages.items() if found} == {}
