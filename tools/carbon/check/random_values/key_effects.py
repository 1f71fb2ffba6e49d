"""Checks that every key of a schema has an effect.

Another value of the key changes the render of at least one CI values file.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.generate.names import get_entry_schema
from carbon.charts.render import Output
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.random_values.generator import ValueGenerator, is_passed_through
from carbon.check.random_values.renders import OWN_REFUSAL, Values, print_sets
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import KeyPath, Schema, iterate_leaves, read_schema
from carbon.errors import CarbonError

MATTERS = declare(
    "deep/matters",
    "Another value of a key changes the render of a CI values file, or the chart refuses it.",
    "Read the key in a template, remove it, or enable in ci/ the feature that reads it.",
    house=True,
)
TRIES = 4
"""Maximum number of other values of a key that are tried with each CI values file."""

Plain = dict[tuple[Path, ...], Output | CarbonError]
"""Values files -> what Helm prints with them, or why it refuses."""


def check_keys(root: Path, folder: Path, number: int, tasks: int) -> Result:
    """Check every `tasks`-th key of the schema of the chart in a folder, from key `number` on."""
    chart, checkout = read_chart(folder), Checkout(root)
    values, schema = chart.read_values(), read_schema(checkout.schema(chart))
    every = [each for each in iterate_leaves(schema) if _is_tried(each[0], values)]
    paths = chart.list_ci_values()
    full = [path for path in paths if path.stem == "full-values"]
    bases = [*((path,) for path in full), (), *((p,) for p in paths if p not in full)]
    plain = {base: print_sets(folder, base, [{}])[0] for base in bases}
    found = []
    for path, leaf in every[number::tasks]:
        # Values of a subchart are not tried, nor maps whose entries the generator does not know.
        named = leaf.get("type") == "object" and "properties" not in leaf
        known = get_entry_schema(leaf) is not None and _list_values(folder, path, leaf)
        near = _list_neighbours(path, [other for other, _ in every], values)
        if (
            path[-1] != "enabled"
            and (known or not named)
            and not any(_try_all(folder, plain, path, leaf, near))
        ):
            file = chart.folder / "values.yaml"
            what = f"other values of {'.'.join(path)} do not change the render, and are not refused"
            shown, line = checkout.format_path(file), find_in_yaml(file, path)
            name = f"Key/{'.'.join(path)}"
            finding = make_finding(
                MATTERS, what, shown, line, chart=chart.name, case="deep", subject=name
            )
            found.append(finding)
    return Result(found, counts={"leaves": len(every[number::tasks])})


def _list_neighbours(path: KeyPath, every: list[KeyPath], values: Any) -> Values:
    """Return the default values of the other keys of the same map."""
    near: Values = {}
    for other in every:
        if other[:-1] == path[:-1] and other != path and other[-1] != "enabled":
            near[other] = _read(other, values)
    return near


def _read(path: KeyPath, values: Any) -> Any:
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _try_all(
    folder: Path, plain: Plain, path: KeyPath, leaf: Schema, near: Values
) -> Iterator[bool]:
    """For each CI values file and each other value of a key, yield whether it has an effect.

    The last tries also set the other keys of the same map to their default values, since another
    key may override this key, such as a digest overrides a tag.
    """
    values = _list_values(folder, path, leaf)
    yield from _try_values(folder, plain, path, values, {})
    if near:
        reset = {base: print_sets(folder, base, [near])[0] for base in plain if base}
        yield from _try_values(folder, reset, path, values, near)


def _list_values(folder: Path, path: KeyPath, leaf: Schema) -> list[Any]:
    """Return other values of a key that its schema accepts."""
    from jsonschema import Draft7Validator

    generator = ValueGenerator(len(path))
    others = [*_list_near(path, folder, leaf)]
    others += [generator.generate(leaf) for _ in range(TRIES * 5)]
    good = [value for value in others if Draft7Validator(leaf).is_valid(value)]
    return [value for i, value in enumerate(good) if value not in good[:i]][:TRIES]


def _try_values(
    folder: Path, plain: Plain, path: KeyPath, values: list[Any], near: Values
) -> Iterator[bool]:
    for base, before in plain.items():
        for printed in print_sets(folder, base, [{**near, path: value} for value in values]):
            yield _has_effect(before, printed)


def _has_effect(before: Output | CarbonError, after: Output | CarbonError) -> bool:
    """Return whether a render differs, or whether the chart itself refuses the other value."""
    if isinstance(after, CarbonError):
        refused = before.what if isinstance(before, CarbonError) else ""
        return OWN_REFUSAL in after.what and after.what != refused
    return isinstance(before, CarbonError) or after != before


def _list_near(path: KeyPath, folder: Path, leaf: Schema) -> list[Any]:
    """Return values close to the default, which related checks of the chart accept more often.

    Of a version, these are an older and a newer one.
    """
    value = _read(path, Chart(folder, {}).read_values())
    if is_passed_through(leaf):
        return [[{"name": "a"}], {"name": "a"}]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str) and (number := re.search(r"\d+", value)):
        start, end = number.span()
        return [f"{value[:start]}{n}{value[end:]}" for n in (0, int(number[0]) + 1)]
    return [value + 1, value - 1] if isinstance(value, int) else []


def _is_tried(path: KeyPath, values: Any) -> bool:
    """Return whether the default values set a key that is not shared with other charts."""
    if path[0] == "global":
        return False
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True
