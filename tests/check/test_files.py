"""Every rule over files, renders and programs sees what it is for, and no other is in its way."""

from pathlib import Path

import pytest
from tests.check import sources
from tests.check.example import read_examples
from tests.check.mutation import Mutation
from tests.check.test_mutations import MUTATIONS

from carbon.charts.discovery import read_chart
from carbon.charts.kubernetes import MINORS
from carbon.check.engine import exceptions
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.exceptions import RuleException
from carbon.check.engine.result import Result
from carbon.check.findings import RULES, Finding
from carbon.check.programs import chart_testing, helm_unittest, kubeconform, promtool, yamllint
from carbon.check.random_values import key_effects, renders
from carbon.check.render.examination import Examination
from carbon.check.sources import generated, schemas, usage

FILES = (
    sources.TEMPLATES, sources.SCHEMAS, sources.RENDERS, sources.OBJECTS, sources.SUITES,
)  # fmt: skip
SUITES = {
    chart_testing.CT: chart_testing.lint,
    promtool.PROMTOOL: promtool.check_alerts,
}


def only(result: Result, mutation: Mutation) -> None:
    """That a result is about one rule only."""
    found = {finding.rule for finding in result.findings}
    assert found == {mutation.rule}, [each.what for each in result.findings]
    assert all(each.line > 0 and each.file and each.remedy for each in result.findings)


@pytest.mark.parametrize("mutation", sources.TEMPLATES, ids=str)
def test_a_template_against_values(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    only(usage.check_usage(root, root / mutation.folder), mutation)


@pytest.mark.parametrize("mutation", sources.SCHEMAS, ids=str)
def test_a_schema(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    only(schemas.check_schema(root, root / mutation.folder), mutation)


@pytest.mark.parametrize("mutation", sources.RENDERS, ids=str)
def test_a_render(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    only(Examination(Checkout(root), mutation.case(root)).run(), mutation)


@pytest.mark.parametrize("mutation", sources.OBJECTS, ids=str)
def test_an_object(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    drawn = Examination(Checkout(root), mutation.case(root)).run().objects
    with kubeconform.write_objects(drawn.values()) as folder:
        said = kubeconform.validate(folder, MINORS[-1])
    lint = yamllint.lint({digest: each.text for digest, each in drawn.items()})
    found = {kubeconform.VALID for messages in said.values() if messages}
    found |= {yamllint.TIDY for lines in lint.values() if lines}
    assert found == {mutation.rule}


@pytest.mark.parametrize("mutation", sources.SUITES, ids=str)
def test_a_suite(mutation: Mutation, root: Path) -> None:
    mutation.apply(root)
    folder = root / mutation.folder
    if mutation.rule == generated.CURRENT:
        result = generated.check_generated(root)
    elif mutation.rule == helm_unittest.UNITTEST:
        result = suite(root, folder)
    else:
        result = SUITES[mutation.rule](root, folder)
    only(result, mutation)


def suite(root: Path, folder: Path) -> Result:
    """All of a chart's own tests."""
    files = helm_unittest.hash_tests(read_chart(folder))
    return Result(
        [f for path in files for f in helm_unittest.run_tests(root, folder, path).findings]
    )


def test_an_exception_that_excuses_nothing_is_told() -> None:
    finding = Finding("pods/image", "mlflow", "defaults", "a.yaml", 1, "wrong", subject="Job/a")
    used, idle = (
        RuleException("pods/*", "so", object="Job/*"),
        RuleException("pods/image", "so", chart="feast"),
    )
    left, excused = exceptions.apply_exceptions([finding], [used, idle], complete=True)
    assert excused == [finding]
    assert [each.rule for each in left] == [exceptions.UNUSED]
    assert exceptions.apply_exceptions([finding], [idle], complete=False) == ([finding], [])


def test_every_rule_has_an_example_or_a_mutation() -> None:
    proved = {mutation.rule for group in FILES for mutation in group}
    proved |= {mutation.rule for mutation in MUTATIONS} | {exceptions.UNUSED}
    proved |= {example.rule for example in read_examples()}
    proved |= {renders.HOLDS, key_effects.MATTERS}  # test_deep.py
    assert set(RULES) - proved == set()


def test_there_are_enough() -> None:
    assert len(MUTATIONS) + sum(map(len, FILES)) >= 60
