"""Check of a values file against the chart's schema, with file and line, before Helm reads it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import find_in_yaml, split_place
from carbon.check.sources.schema_tree import Schema, read_schema
from carbon.errors import CarbonError
from carbon.files import read_yaml

VALID = declare(
    "values/valid",
    "The chart's schema accepts every values file.",
    "Correct the key or the value; the chart's README lists all keys.",
)


def check_values_file(checkout: Checkout, chart: str, path: Path, schema: Path) -> list[Finding]:
    """Return a finding for each value that the schema refuses, or for a file that is not YAML."""
    file = checkout.format_path(path)
    try:
        values = read_yaml(path)
    except CarbonError as wrong:
        _, line, what = split_place(wrong.what)
        case, remedy = path.stem, wrong.remedy
        return [make_finding(VALID, what, file, line, chart=chart, case=case, remedy=remedy)]
    return [
        make_finding(VALID, what, file, find_in_yaml(path, keys), chart=chart, case=path.stem)
        for keys, what in _find_problems(values, schema)
    ]


def lacks_values(checkout: Checkout, chart: Chart, files: Sequence[Path]) -> bool:
    """Return whether a render of another project's chart can lack values that the chart requires.

    This is so without values files if the chart has values files in ci/: chart-testing never
    renders such a chart with its default values alone.
    """
    return not files and not checkout.is_ours(chart) and bool(chart.list_ci_values())


def _find_problems(values: dict[str, Any], schema: Path) -> list[tuple[list[str], str]]:
    # This Python library loads slowly; a run with all results in the cache does not use it.
    from carbon.charts.values import locate_problems

    return locate_problems(values, _read_schema(schema)) if schema.exists() else []


@cache
def _read_schema(path: Path) -> Schema:
    return read_schema(path)
