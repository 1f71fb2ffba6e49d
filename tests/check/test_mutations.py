"""Each mutation of a copy of the checkout is reported by its rule, and by no other rule."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from tests.check.example import read_examples
from tests.check.mutation import Mutation, read_mutations

from carbon.charts.kubernetes import MINORS
from carbon.check.capacity import comparison
from carbon.check.engine import exceptions, workers
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import RULES, make_finding
from carbon.check.monitoring import alert_files
from carbon.check.programs import (
    chart_testing,
    helm_unittest,
    kube_validate,
    kubeconform,
    promtool,
    pytest_suites,
    yamllint,
)
from carbon.check.random_values import key_effects, renders
from carbon.check.render.examination import Examination
from carbon.check.sources import (
    chart_files,
    coverage,
    generated,
    schemas,
    selectors,
    usage,
)
from carbon.check.texts import descriptions, links, programs, words
from carbon.check.texts.objects import check as documented_objects
from carbon.check.texts.objects import commands
from carbon.check.texts.values import check as documented_values
from carbon.scaffold import rule
from carbon.upgrade import summary

Check = Callable[[Path, Mutation], Result]
NOISE = "".join(sha256(number.to_bytes(2)).hexdigest() for number in range(2**14))
"""A megabyte that no compression halves."""
LARGE = Mutation(
    "release/size", "charts/mlflow/files/large.txt", append=NOISE, found="charts/mlflow/Chart.yaml"
)


def examine(root: Path, mutation: Mutation) -> Result:
    return Examination(Checkout(root), mutation.build_case(root)).run()


def check_objects(root: Path, mutation: Mutation) -> Result:
    """Pass the rendered objects to kubeconform, kube-validate and yamllint."""
    objects = examine(root, mutation).objects
    with kubeconform.write_objects(objects.values()) as folder:
        messages = kubeconform.validate(folder, MINORS[-1])
    refused = kube_validate.validate(objects)
    lines = yamllint.lint({digest: obj.text for digest, obj in objects.items()})
    wrong = [(kubeconform.VALID, text) for texts in messages.values() for text in texts]
    fields = [problem for problems in refused.values() for problem in problems]
    wrong += [(rule, text) for rule, path, text in fields if path]
    wrong += [(yamllint.get_rule(text), text) for remarks in lines.values() for _, text in remarks]
    return Result([make_finding(rule, text, mutation.changed) for rule, text in wrong])


def run_program(root: Path, mutation: Mutation) -> Result:
    """Run the program of the rule; helm-unittest runs only the file that the mutation names."""
    folder = mutation.find_chart(root)
    match mutation.rule:
        case chart_testing.CT:
            return chart_testing.lint(root, folder)
        case promtool.PROMTOOL | alert_files.RUNBOOK | alert_files.TESTED | alert_files.RENDERED:
            return promtool.check_alerts(root, folder)
        case helm_unittest.UNITTEST:
            return helm_unittest.run_tests(root, folder, root / mutation.found)
        case generated.CURRENT:
            return generated.check_generated(root)
        case _:
            return check_objects(root, mutation)


CHECKS: dict[str, Check] = {
    "objects": examine,
    "renders": examine,
    "values": examine,
    "files": examine,
    "usage": lambda root, mutation: usage.check_usage(root, mutation.find_chart(root)),
    "schemas": lambda root, mutation: schemas.check_schema(root, mutation.find_chart(root)),
    "options": lambda root, mutation: coverage.check_coverage(root, mutation.find_chart(root)),
    "programs": run_program,
}
"""File of mutations, by its stem -> the check that reports them."""
MUTATIONS = [
    (check, mutation) for name, check in CHECKS.items() for mutation in read_mutations(name)
]
MUTATIONS.append((examine, LARGE))


@pytest.mark.parametrize(
    ("check", "mutation"), MUTATIONS, ids=[str(mutation) for _, mutation in MUTATIONS]
)
def test_only_the_rule_of_a_mutation_reports_the_change(
    check: Check, mutation: Mutation, root: Path
) -> None:
    mutation.apply(root)
    findings = check(root, mutation).findings
    assert {finding.rule for finding in findings} == {mutation.rule}, findings
    assert all(finding.what and finding.remedy for finding in findings)
    file = mutation.found or mutation.changed
    lines = (root / file).read_text("utf-8").splitlines()
    places = {(finding.file, finding.line) for finding in findings}
    assert any(mutation.line in lines[line - 1] for name, line in places if name == file), places


def test_every_rule_has_an_example_a_mutation_or_a_test_of_its_own() -> None:
    tested = {mutation.rule for _, mutation in MUTATIONS}
    tested |= {example.rule for example in read_examples()}
    tested |= {exceptions.STATED, exceptions.UNUSED, exceptions.NARROW}  # test_exceptions.py
    tested |= {renders.HOLDS, key_effects.EFFECT}  # test_deep.py, test_keys.py
    tested |= {descriptions.ALONE, descriptions.UNIT, descriptions.WORDS}  # test_descriptions.py
    tested |= {programs.PROGRAMS}  # test_documented_programs.py
    tested |= {words.WORDS, links.LINKS, links.PATHS}  # test_words.py, test_links.py
    tested |= {commands.RULE, documented_objects.OBJECTS}
    tested |= {documented_values.FLAGS, documented_values.KEYS, documented_values.VALUES}
    tested |= {chart_files.READABLE, chart_files.CONDITION, chart_files.IMPORT}
    tested |= {chart_files.KEYS, chart_files.NAMED}  # test_report.py
    tested |= {chart_files.VERSIONS}  # test_chart_files.py
    tested |= {rule.TEMPLATE}  # tests/new_chart
    tested |= {selectors.SAME}  # test_sources.py
    tested |= {workers.COMPLETE}  # test_report.py
    tested |= {summary.ENOUGH}  # tests/upgrade/test_check.py
    tested |= {comparison.COUNTED, pytest_suites.PYTEST}  # test_suites.py
    assert set(RULES) - tested == set()
