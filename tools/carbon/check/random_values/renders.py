"""Renders charts with random values.

Each render gives valid objects, or a message of the chart that refuses the values.
A chart is rendered with thousands of sets of values, each of which differs from the defaults in a
few keys.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from carbon.charts.discovery import read_chart
from carbon.charts.kubernetes import MINORS
from carbon.charts.render import Output, Render, run_template
from carbon.check.engine.cases import NAMESPACE, RELEASE
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.programs import kube_validate, kubeconform
from carbon.check.random_values.generator import ValueGenerator, is_passed_through
from carbon.check.render.apis import list_apis
from carbon.check.render.objects import RenderedChart, RenderedObject, list_objects
from carbon.check.rules import names
from carbon.check.sources.schema_tree import KeyPath, Schema, iterate_leaves, read_schema
from carbon.errors import CarbonError

HOLDS = declare(
    "deep/holds",
    "With all values that its schema accepts, a chart renders valid objects, or refuses the values "
    "with a message of its own.",
    "Refuse the values in the schema or with common.problem, or correct the template; "
    "add the values to ci/.",
)
OWN_REFUSAL = "can't work"
"""Text in the refusals of a chart (common.problem)."""
REFUSALS = (OWN_REFUSAL, "don't meet the specifications of the schema")
"""Texts in the refusals of a chart and of Helm's check of the schema."""
BATCH = 50
"""Number of sets of values in one task."""

Values = dict[KeyPath, Any]
"""Values by the path of their key."""


def try_values(root: Path, folder: Path, seed: int) -> Result:
    """Render the chart in a folder with random sets of values, the same sets for the same seed."""
    chart, checkout = read_chart(folder), Checkout(root)
    generator = ValueGenerator(seed)
    leaves = iterate_leaves(read_schema(checkout.schema(chart)))
    known = [leaf for leaf in leaves if not is_passed_through(leaf[1])]
    bad: list[tuple[Values, str]] = []
    rendered: dict[str, RenderedObject] = {}
    by_digest: dict[str, Values] = {}
    sets = [_choose_values(generator, known) for _ in range(BATCH if known else 0)]
    for chosen, (wrong, objects) in zip(sets, _render_sets(folder, sets), strict=True):
        if wrong:
            bad.append((_reduce(folder, chosen), wrong))
        for obj in objects:
            rendered[obj.digest] = obj
            by_digest.setdefault(obj.digest, chosen)
    if rendered:
        for digest, messages in _validate(rendered).items():
            kind = rendered[digest].kind
            bad += [(by_digest[digest], f"{kind}: {message}") for message in messages]
    file = checkout.format_path(folder / "values.yaml")
    found = [
        make_finding(
            HOLDS, f"{what}\n{_to_yaml(chosen)}", file, chart=chart.name, case=f"seed {seed}"
        )
        for chosen, what in bad
    ]
    return Result(found, counts={"sets": BATCH})


def _validate(objects: dict[str, RenderedObject]) -> dict[str, list[str]]:
    """Return what kubeconform and kube-validate report about each object, by digest."""
    with kubeconform.write_objects(objects.values()) as folder:
        wrong = kubeconform.validate(folder, MINORS[-1])
    found = {digest: [*map(kubeconform.shorten, wrong[digest])] for digest in objects}
    for digest, refused in kube_validate.validate(objects).items():
        refused = [each for each in refused if each[0] == kube_validate.ACCEPTED]
        found[digest] += [what for _, path, what in refused if path or not found[digest]]
    return found


def _choose_values(generator: ValueGenerator, known: list[tuple[KeyPath, Schema]]) -> Values:
    """Return random values of up to 12 keys, each one that the key's schema accepts."""
    from jsonschema import Draft7Validator

    chosen: Values = {}
    for path, schema in generator.sample(known, 12):
        value = generator.generate(schema)
        if Draft7Validator(schema).is_valid(value):
            chosen[path] = value
    return chosen


def nest(chosen: Values) -> dict[str, Any]:
    """Return values by path as a values file has them."""
    whole: dict[str, Any] = {}
    for path, value in chosen.items():
        node = whole
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return whole


def print_sets(
    folder: Path,
    base: tuple[Path, ...],
    sets: Iterable[Mapping[str, Any]],
    known_good: bool = False,
) -> list[Output | CarbonError]:
    """Return what Helm prints with each set of values over values files, or why it refuses."""
    printed: list[Output | CarbonError] = []
    with TemporaryDirectory() as work:
        file = Path(work) / "values.yaml"
        files = (*base, file)
        render = Render(folder, files, (), RELEASE, NAMESPACE, apis=list_apis())
        render = replace(render, known_good=known_good)
        for chosen in sets:
            file.write_text(json.dumps(chosen), "utf-8")
            try:
                printed.append(run_template(render))
            except CarbonError as refused:
                printed.append(refused)
    return printed


def _render_sets(folder: Path, sets: list[Values]) -> list[tuple[str, list[RenderedObject]]]:
    """Return for each set of values what is wrong with the render, and its objects."""
    return [_examine(folder, printed) for printed in print_sets(folder, (), map(nest, sets))]


def _examine(folder: Path, printed: Output | CarbonError) -> tuple[str, list[RenderedObject]]:
    if isinstance(printed, CarbonError):
        ours = any(phrase in printed.what for phrase in REFUSALS)
        return ("" if ours else printed.what.partition("Error: ")[2][:500]), []
    try:
        chart = RenderedChart(folder.name, list_objects(printed.documents))
    except ValueError as wrong:
        return f"invalid YAML: {' '.join(str(wrong).split())[:300]}", []
    rules = (names.check_valid, names.check_unique)
    violations = [violation.what for rule in rules for violation in rule(chart)]
    return "; ".join(violations), list(chart.objects)


def _reduce(folder: Path, chosen: Values) -> Values:
    """Return the values without those that the error does not need."""
    for path in list(chosen):
        fewer = {k: v for k, v in chosen.items() if k != path}
        if fewer and _render_sets(folder, [fewer])[0][0]:
            chosen = fewer
    return chosen


def _to_yaml(chosen: Values) -> str:
    return yaml.safe_dump(nest(chosen), sort_keys=False, allow_unicode=True).strip()[:1500]
