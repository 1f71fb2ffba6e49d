"""Checks of a chart's values schema.

The schema refuses unknown keys, describes every key and accepts the default values.
"""

from pathlib import Path

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.generate.schema import SOURCE
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, KeyPath, declare, make_finding
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import (
    find_subschema,
    iterate_examples,
    iterate_leaves,
    iterate_undescribed,
    read_schema,
)
from carbon.check.sources.values_files import lacks_values
from carbon.files import read_yaml

DEFAULTS = declare(
    "schema/defaults",
    "The schema of a chart accepts the chart's default values.",
    "Correct the value in values.yaml, or describe the key in values.schema.yaml and run `carbon "
    "generate`.",
)
DESCRIBED = declare(
    "schema/described",
    "Every key of a schema has a description.",
    "Describe the key under `description` in values.schema.yaml.",
    house=True,
)
STRICT = declare(
    "schema/strict",
    "A schema refuses unknown keys at the top level of the values.",
    "Remove `additionalProperties` from the schema and run `carbon generate`, which then writes "
    "`additionalProperties: false`.",
    house=True,
)
EXAMPLES = declare(
    "schema/examples",
    "A schema accepts its own examples.",
    "Correct the example.",
)


def hash_inputs(chart: Chart) -> str:
    """Return the hash of the files that `check_schema` reads."""
    names = ("values.yaml", "values.schema.json", SOURCE)
    return combine(hash_file(chart.folder / name) for name in names)


def check_schema(root: Path, folder: Path) -> Result:
    """Check the values schema of the chart in a folder."""
    # This Python library loads slowly; a run with all results in the cache does not use it.
    from jsonschema import Draft7Validator

    from carbon.charts.values import locate_problems

    chart, checkout = read_chart(folder), Checkout(root)
    schema = read_schema(folder / "values.schema.json")
    own, defaults = folder / SOURCE, folder / "values.yaml"
    found: list[Finding] = []

    def add(rule: str, file: Path, steps: list[str], what: str) -> None:
        shown, line = checkout.format_path(file), find_in_yaml(file, steps)
        found.append(make_finding(rule, what, shown, line, chart=chart.name, case="schema"))

    lacking = lacks_values(checkout, chart, ())
    problems = [] if lacking else locate_problems(chart.read_values(), schema, whole=True)
    for path, what in problems:  # a new key is no mistake for another key
        add(DEFAULTS, defaults, path, what.partition("; write one of ")[0])
    for key, example in iterate_examples(schema):
        part = find_subschema(schema, key)
        if part is not None and not Draft7Validator(part).is_valid(example):
            what = f"{'.'.join(key)}: the schema refuses the example {example!r}"
            add(EXAMPLES, own, [*_list_steps(key), "examples"], what)
    if checkout.is_ours(chart) and own.exists():
        for key in iterate_undescribed(read_yaml(own)):
            add(DESCRIBED, own, _list_steps(key), f"{'.'.join(key)} has no description")
        if schema.get("additionalProperties") is not False:
            add(STRICT, own, ["additionalProperties"], "the schema allows unknown keys")
    return Result(found, counts={"keys": sum(1 for _ in iterate_leaves(schema))})


def _list_steps(key: KeyPath) -> list[str]:
    """Return the path of a key's schema in the file of a schema."""
    return [step for part in key for step in ("properties", str(part))]
