"""Checks that every key of a schema has an effect.

Another value of the key, and of no other key, changes the render of at least one case, or the chart
refuses the value.

head.topologySpreadConstraints of ray-cluster once had no effect. CI values missed this because they
only have to set a key, and random values because the objects stayed valid. This check, then a step
of `--deep`, reported the key, but no tier of tests ran it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.merging import Values, compute_values, merge
from carbon.charts.render import Output
from carbon.check.engine.checkout import Checkout, read_given_values
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.random_values.generator import ValueGenerator, is_passed_through
from carbon.check.random_values.leaves import (
    ENTRY,
    is_set,
    list_leaves,
    read_values,
    set_value,
)
from carbon.check.random_values.renders import OWN_REFUSAL, print_sets
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.schema_tree import KeyPath, Schema, read_schema
from carbon.errors import CarbonError

EFFECT = declare(
    "keys/effect",
    "Another value of a key changes the render of a values file, or the chart refuses it.",
    "Read the key in a template, refuse it with common.problem, or set in a ci/*-values.yaml what "
    "the key needs. Without a need for the key, remove it.",
    house=True,
)
TRIES = 6
"""Maximum number of other values of a key that are tried in each case."""
_BY_HELM = {"enabled", "common"}
"""Keys of every schema that only Helm and parents of the chart read."""
_GLOBAL = "global"


@dataclass(frozen=True, eq=False)
class Base:
    """A case in which keys are set: a chart with values files, and values over these."""

    chart: Chart
    files: tuple[Path, ...]
    over: Values = field(default_factory=dict)

    @cached_property
    def given(self) -> Values:
        """The values in the files, and the values over these."""
        return merge(read_given_values(self.files), self.over)

    @cached_property
    def values(self) -> Values:
        """All values of the render, defaults included."""
        return compute_values(self.chart, self.given)

    @cached_property
    def before(self) -> Output | CarbonError:
        """What Helm prints, or why it refuses."""
        return self.print({})

    @property
    def size(self) -> int | None:
        """The number of characters that Helm prints, by which the time of a render grows.

        None if the chart refuses the values.
        """
        return len(self.before.text) if isinstance(self.before, Output) else None

    def print(self, values: Values) -> Output | CarbonError:
        """Return what Helm prints with other values, or why it refuses."""
        sets = [merge(self.over, values)]
        return print_sets(self.chart.folder, self.files, sets, known_good=True)[0]


def check_keys(root: Path, folder: Path, number: int, tasks: int) -> Result:
    """Check every `tasks`-th key of the schema of the chart in a folder, from key `number` on."""
    chart, checkout = read_chart(folder), Checkout(root)
    files = [(), *((path,) for path in [*chart.list_ci_values(), *checkout.profiles(chart)])]
    bases = [Base(chart, each) for each in files]
    if chart.is_umbrella:  # most of its own keys need no subchart, without which it renders fast
        without = merge(*(set_value({}, path, False) for path in _list_conditions(chart)))
        bases = [*(Base(chart, each, without) for each in files), *bases]
    keys = list_keys(checkout, chart)[number::tasks]
    checked = ((path, _find_problem(path, leaf, bases)) for path, leaf in keys)
    found = [_report(checkout, chart, path, what) for path, what in checked if what]
    return Result(found, counts={"leaves": len(keys)})


def list_keys(checkout: Checkout, chart: Chart) -> list[tuple[KeyPath, Schema]]:
    """Return the keys of a chart's schema that must have an effect in this chart.

    A key of `global` must have an effect in each chart that has a default for it; each other key of
    `global`, such as those of entries, in the umbrella.
    """
    every = list_leaves(read_schema(chart.folder / "values.schema.json"))
    keys = [(path, leaf) for path, leaf in every if path[0] not in _BY_HELM]
    if not chart.is_umbrella:
        values = chart.read_values()
        return [each for each in keys if each[0][0] != _GLOBAL or is_set(values, each[0])]
    names = chart.dependencies.values()
    parts = [each.read_values() for each in checkout.charts if each.name in names]
    shared = {path for path, _ in keys for values in parts if is_set(values, path)}
    return [
        *(each for each in keys if each[0][0] != _GLOBAL or each[0] not in shared),
        *((path, {"type": "boolean"}) for path in _list_conditions(chart)),
    ]


def _list_conditions(chart: Chart) -> list[KeyPath]:
    """Return the keys that enable the subcharts."""
    return [tuple(each.partition("=")[0].split(".")) for each in chart.without_subcharts]


def _find_problem(path: KeyPath, leaf: Schema, bases: list[Base]) -> str:
    """Return why a key has no effect; empty if it has one in one of the cases.

    The first cases are those that set other keys of the same map, and of these the small ones.
    """
    name, entries = ".".join(path), [n for n, key in enumerate(path, 1) if key == ENTRY]
    place = path[: entries[-1]] if entries else ()
    usable = [base for base in bases if base.size is not None and is_set(base.values, place)]
    if not usable:
        return f"no CI values file sets an entry in which {name} could be set"
    usable.sort(key=lambda base: (not is_set(base.given, path[:-1]), base.size))
    known = [value for base in bases for value in read_values(base.given, path)]
    if _is_changed(path, leaf, usable, known) or (
        not entries and _is_changed(path, leaf, map(partial(_reset, path), usable), known)
    ):
        return ""
    return f"other values of {name} do not change the render, and are not refused"


def _reset(path: KeyPath, base: Base) -> Base:
    """Return a case in which the other keys of the same map have their default values.

    Another key may override a key, such as a digest overrides a tag.
    """
    default = next(read_values(base.chart.read_values(), path[:-1]), None) or {}
    near = {key: each for key, each in default.items() if key not in (path[-1], "enabled")}
    return Base(base.chart, base.files, set_value({}, path[:-1], near))


def _is_changed(path: KeyPath, leaf: Schema, bases: Iterable[Base], known: list[Any]) -> bool:
    """Return whether another value of a key has an effect in one of the cases.

    One value is tried in each case before the next value, since most values have an effect.
    """
    tries = [(base, _generate_others(base, path, leaf, known)) for base in bases]
    return any(
        _has_effect(base.before, base.print(set_value(base.values, path, value)))
        for _ in range(TRIES)
        for base, others in tries
        for value in islice(others, 1)
    )


def _generate_others(base: Base, path: KeyPath, leaf: Schema, known: list[Any]) -> Iterator[Any]:
    """Yield other values of a key that its schema accepts.

    The first are `known` values, from the values files, then values close to that of the case:
    related checks of the chart accept these more often than random ones.
    """
    from jsonschema import Draft7Validator

    generator, validator = ValueGenerator(len(path)), Draft7Validator(leaf)
    current = list(read_values(base.values, path))
    near = (near for value in current or [None] for near in _list_near(value, leaf))
    random = (generator.generate(leaf) for _ in range(TRIES * 5))
    seen = {repr(current[0])} if len({*map(repr, current)}) == 1 else set()
    for value in chain(known, near, random):
        if repr(value) not in seen and validator.is_valid(value):
            seen.add(repr(value))
            yield value


def _list_near(value: Any, leaf: Schema) -> list[Any]:
    """Return values close to another, and a large amount, which a check of sums refuses.

    Of a version, these are newer ones and an older one.
    """
    if is_passed_through(leaf):
        entry = dict.fromkeys(["name", *leaf.get("items", leaf).get("required", ())], "a")
        return [[entry], entry]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str) and (number := re.search(r"\d+", value)):
        start, end = number.span()
        return [f"{value[:start]}{n}{value[end:]}" for n in (int(number[0]) + 1, 10**6, 0)]
    return [value + 1, value - 1] if isinstance(value, int) else []


def _has_effect(before: Output | CarbonError, after: Output | CarbonError) -> bool:
    """Return whether a render differs, or whether the chart itself refuses the other value."""
    if isinstance(before, CarbonError):
        return False
    return OWN_REFUSAL in after.what if isinstance(after, CarbonError) else after != before


def _report(checkout: Checkout, chart: Chart, path: KeyPath, what: str) -> Finding:
    file = chart.folder / "values.yaml"
    shown, line = checkout.format_path(file), find_in_yaml(file, path)
    subject = f"Key/{'.'.join(path)}"
    return make_finding(EFFECT, what, shown, line, chart=chart.name, case="keys", subject=subject)
