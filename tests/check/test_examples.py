"""Each rule over rendered objects reports its examples, and no other rule reports them."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from tests.check.example import Example, build_chart, find_violations, read_defaults

from carbon.charts.kubernetes import MINORS, faults
from carbon.check import rules

_ = rules  # imported because the import registers the rules
FILES = sorted((Path(__file__).parent / "examples").glob("*.py"))
EXAMPLES: list[Example] = [
    example
    for path in FILES
    for example in import_module(f"tests.check.examples.{path.stem}").EXAMPLES
]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_only_its_rule_reports_the_example(example: Example) -> None:
    found = find_violations(example.violation())
    assert set(found) == {example.rule}, found


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_rule_reports_the_corrected_example(example: Example) -> None:
    assert find_violations(example.correction()) == {}


@pytest.mark.parametrize("kind", read_defaults())
def test_no_rule_reports_a_default_object(kind: str) -> None:
    assert find_violations(build_chart(f"kind: {kind}", {})) == {}


def test_the_default_objects_are_valid_for_kubernetes() -> None:
    printed = "\n---\n".join(map(json.dumps, read_defaults().values()))
    assert faults(printed, MINORS[-1]) == []
