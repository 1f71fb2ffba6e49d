"""Schemas: strict, described, up to date, and in agreement with the default values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.schema import SOURCE
from carbon.check.digests import combined, of_file
from carbon.check.findings import RULES, Finding, declare
from carbon.check.locate import in_values
from carbon.check.result import Result
from carbon.check.site import Site, schema_of
from carbon.errors import CarbonError

DEFAULTS = declare(
    "schema/defaults",
    "A chart's default values are what its schema allows.",
    "Correct the value in values.yaml, or what the schema says of it.",
)
DESCRIBED = declare(
    "schema/described",
    "Every key of a schema has a description.",
    "Write a sentence under `description`.",
    house=True,
)
STRICT = declare(
    "schema/strict",
    "A schema refuses keys that it does not know, except in maps that are open on purpose.",
    "Leave additionalProperties out; `carbon generate` refuses unknown keys.",
    house=True,
)
EXAMPLES = declare(
    "schema/examples",
    "Examples in a schema are what it allows.",
    "Correct the example.",
)
CURRENT = declare(
    "schema/current",
    "Schemas and READMEs are what `carbon generate` writes.",
    "Run `carbon generate` and commit the result.",
    house=True,
)


def digest(chart: Chart) -> str:
    """The hash of what the schema of a chart is examined with."""
    return combined(
        of_file(chart.folder / n) for n in ("values.yaml", "values.schema.json", SOURCE)
    )


def examined(root: Path, folder: Path) -> Result:
    """Examine a chart's schema."""
    # A large library, which runs that find everything in the cache need not wait for.
    from jsonschema import Draft7Validator

    chart, site = Chart(folder, read_yaml(folder / "Chart.yaml")), Site(root)
    schema, values = schema_of(folder / "values.schema.json"), chart.values()
    own, defaults = folder / SOURCE, folder / "values.yaml"
    found = []
    for error in Draft7Validator(schema).iter_errors(values):
        path = [str(part) for part in error.absolute_path]
        what = f"{'.'.join(path) or 'values'}: {error.message}"
        found.append(_finding(DEFAULTS, site, chart, defaults, path, what))
    for key, example in examples(schema):
        part = _part(schema, key)
        if part is not None and not Draft7Validator(part).is_valid(example):
            what = f"{'.'.join(key)}: the example {example!r} is not allowed"
            found.append(_finding(EXAMPLES, site, chart, own, key, what))
    if site.is_ours(chart) and own.exists():
        for key in undescribed(read_yaml(own)):
            steps = [step for part in key for step in ("properties", part)]
            what = f"{'.'.join(key)} has no description"
            found.append(_finding(DESCRIBED, site, chart, own, steps, what))
        if schema.get("additionalProperties") is not False:
            found.append(_finding(STRICT, site, chart, own, [], "it allows unknown keys"))
    return Result(found, counts={"keys": sum(1 for _ in leaves(schema))})


def generated(root: Path) -> Result:
    """Hold a checkout's generated files against what would be generated now."""
    from carbon.charts.generate import generated as written
    from carbon.charts.generate import stale

    site, remedy = Site(root), RULES[CURRENT].remedy
    try:
        late = stale(written(root))
    except CarbonError as wrong:
        file, _, what = wrong.what.partition(": ")
        return Result([Finding(CURRENT, "", "", file, 1, what or file, wrong.remedy or remedy)])
    found = [
        Finding(
            CURRENT, _owner(site, path), "", site.shown(path), 1, "it is not up to date", remedy
        )
        for path in late
    ]
    return Result(found)


def _owner(site: Site, path: Path) -> str:
    return next((c.name for c in site.charts if path.is_relative_to(c.folder)), "")


def undescribed(node: dict[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Keys that a chart's author wrote without a description or a fragment's."""
    for key, child in node.get("properties", {}).items():
        if "properties" in child:
            yield from undescribed(child, (*at, key))
        elif "description" not in child and "$ref" not in child:
            yield (*at, key)


def leaves(node: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of a schema that hold a value."""
    for key, child in (node.get("properties") or {}).items():
        if isinstance(child, dict) and child.get("properties"):
            yield from leaves(child, (*at, key))
        else:
            yield (*at, key)


def examples(node: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every example in a schema, with the path of its key."""
    if not isinstance(node, dict):
        return
    if at:
        yield from ((at, example) for example in node.get("examples") or [])
    for key, child in (node.get("properties") or {}).items():
        yield from examples(child, (*at, key))


def _part(schema: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    node: Any = schema
    for key in path:
        node = (node.get("properties") or {}).get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def _finding(
    rule: str, site: Site, chart: Chart, file: Path, path: list[str] | tuple[str, ...], what: str
) -> Finding:
    line = in_values(file, path)
    return Finding(rule, chart.name, "schema", site.shown(file), line, what, RULES[rule].remedy)
