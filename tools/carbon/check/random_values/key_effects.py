"""Checks that every key of a schema has an effect.

Another value of the key changes the render of at least one CI values file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.render import Output
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.random_values.generator import ValueGenerator
from carbon.check.random_values.renders import print_sets
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import KeyPath, Schema, iterate_leaves, read_schema
from carbon.errors import CarbonError

MATTERS = declare(
    "deep/matters",
    "Every key of a schema changes the rendered objects of at least one CI values file.",
    "Read the key in a template, remove it, or enable in ci/ the feature that reads it.",
    house=True,
)
TRIES = 4
"""Other values of a key that are tried with each CI values file."""


def check_keys(root: Path, folder: Path, number: int, tasks: int) -> Result:
    """Check the keys of one of several tasks that share the schema of the chart in a folder."""
    chart, checkout = read_chart(folder), Checkout(root)
    values, schema = chart.read_values(), read_schema(checkout.schema(chart))
    every = [each for each in iterate_leaves(schema) if _is_set(each[0], values)]
    paths = chart.list_ci_values()
    full = [path for path in paths if path.stem == "full-values"]
    bases = [*((path,) for path in full), (), *((p,) for p in paths if p not in full)]
    plain = {base: print_sets(folder, base, [{}])[0] for base in bases}
    found = []
    for path, leaf in every[number::tasks]:
        # Users choose the keys of a map without declared properties.
        named = leaf.get("type") == "object" and "properties" not in leaf
        if path[-1] != "enabled" and not named and not any(_try_values(folder, plain, path, leaf)):
            file = chart.folder / "values.yaml"
            what = f"{'.'.join(path)} does not change any rendered object"
            shown, line = checkout.format_path(file), find_in_yaml(file, path)
            found.append(make_finding(MATTERS, what, shown, line, chart=chart.name, case="deep"))
    return Result(found, counts={"leaves": len(every[number::tasks])})


def _try_values(
    folder: Path, plain: dict[tuple[Path, ...], Output | CarbonError], path: KeyPath, leaf: Schema
) -> Iterator[bool]:
    """For each CI values file and each other value of a key, yield whether the render changes."""
    from jsonschema import Draft7Validator

    generator = ValueGenerator(len(path))
    others = [*_list_near(path, folder), *(generator.generate(leaf) for _ in range(TRIES * 5))]
    good = [value for value in others if Draft7Validator(leaf).is_valid(value)]
    different = [value for i, value in enumerate(good) if value not in good[:i]][:TRIES]
    for base, before in plain.items():
        for printed in print_sets(folder, base, [{path: value} for value in different]):
            yield not isinstance(printed, CarbonError) and printed != before


def _list_near(path: KeyPath, folder: Path) -> list[Any]:
    """Return values close to the default, which related checks of the chart accept more often."""
    value: Any = Chart(folder, {}).read_values()
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return [not value]
    return [value + 1, value - 1] if isinstance(value, int) else []


def _is_set(path: KeyPath, values: Any) -> bool:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True
