"""Values files against their chart's schema, with the line of each slip, before Helm sees them."""

from functools import cache
from pathlib import Path
from typing import Any

from carbon.charts.values import read
from carbon.check.findings import RULES, Finding, declare
from carbon.check.locate import in_values
from carbon.check.site import Site, schema_of
from carbon.errors import CarbonError

VALID = declare(
    "values/valid",
    "Every values file has only keys and values that the schema knows.",
    "Correct it as the message says; the chart's README lists all keys.",
)


def findings(site: Site, chart: str, path: Path, schema: Path) -> list[Finding]:
    """What is wrong with a values file, each with file and line."""
    file, remedy = site.shown(path), RULES[VALID].remedy
    try:
        given = read(path)
    except CarbonError as wrong:
        return [Finding(VALID, chart, path.name, file, 1, wrong.what, wrong.remedy)]
    found = []
    for place, what in _problems(given, schema):
        line = in_values(path, place)
        found.append(Finding(VALID, chart, path.stem, file, line, what, remedy))
    return found


def _problems(given: dict[str, Any], schema: Path) -> list[tuple[list[Any], str]]:
    # A large library, which runs that find everything in the cache need not wait for.
    from carbon.charts.values import problems

    if not schema.exists():
        return []
    lines = problems(given, _schema(schema))
    return [(line.partition(":")[0].split("."), line) for line in lines]


@cache
def _schema(path: Path) -> dict[str, Any]:
    return schema_of(path)
