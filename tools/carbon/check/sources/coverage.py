"""Check of the coverage of options: a CI values file sets each key to another value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.generate.fragments import Fragments
from carbon.charts.generate.readme import list_rows
from carbon.charts.generate.schema import SOURCE, compile_schema
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.digests import combine, hash_file, hash_tree
from carbon.check.engine.result import Result
from carbon.check.findings import declare, make_finding
from carbon.check.services.entries import POLICIES
from carbon.check.sources.lines import find_in_yaml
from carbon.check.sources.selectors import find_unselected
from carbon.files import read_yaml

COVERED = declare(
    "values/covered",
    "A CI values file sets every key of a chart's values to something other than the default.",
    "Set the key in a ci/*-values.yaml of the chart.",
    house=True,
)
NOT_OPTIONS = {"enabled", "global", "common"}
"""Keys that every schema declares for parents of the chart: no options of the chart."""
SERVICES = "global.services"
"""Path of the services table. Its entries are no options, but the keys of an entry are."""
FRAGMENT = Path("schemas") / "services.yaml"


def hash_inputs(checkout: Checkout, chart: Chart) -> str:
    """Return the hash of the files that `check_coverage` reads."""
    files = [hash_file(chart.folder / name) for name in ("values.yaml", SOURCE)]
    return combine([*files, hash_tree(checkout.root / "schemas"), hash_tree(chart.folder / "ci")])


def check_coverage(root: Path, folder: Path) -> Result:
    """Check that CI values files cover the options of the chart in a folder."""
    chart, checkout = read_chart(folder), Checkout(root)
    values, found = folder / "values.yaml", []
    for key in sorted(list_uncovered(root, chart)):
        what = f"no CI values file sets {key} to a value other than the default"
        line = find_in_yaml(values, key.split("."))
        shown = checkout.format_path(values)
        found.append(make_finding(COVERED, what, shown, line, chart=chart.name, case="values"))
    for kind, key in _list_unused_fields(root, chart) if chart.name == POLICIES else ():
        what = f"no CI values file sets {key} of a {kind} in the services table"
        line = find_in_yaml(root / FRAGMENT, [kind, "properties", key])
        shown = checkout.format_path(root / FRAGMENT)
        found.append(make_finding(COVERED, what, shown, line, chart=chart.name, case="values"))
    if chart.name == POLICIES:
        found += find_unselected(checkout, chart)
    return Result(found)


def list_uncovered(root: Path, chart: Chart) -> set[str]:
    """Return the options that every CI values file of a chart leaves at the default."""
    default = chart.read_values()
    files = [read_yaml(path) for path in chart.list_ci_values()]

    def is_covered(path: str) -> bool:
        values = (_look_up(file, path) for file in files)
        return any(value is not None and value != _look_up(default, path) for value in values)

    return {path for path in list_options(root, chart) if not is_covered(path)}


def list_options(root: Path, chart: Chart) -> set[str]:
    """Return the keys of a chart's schema and of its default values."""
    values, schema = chart.read_values(), compile_schema(chart, Fragments(root / "schemas"))
    keys = {row.key for row in list_rows(schema, values, expand=False)}
    keys |= set(_list_leaves(values))
    return {
        path
        for path in keys
        if path not in NOT_OPTIONS and "[]" not in path and not path.startswith(f"{SERVICES}.")
    }


def _list_leaves(values: Any, at: str = "") -> Iterator[str]:
    """Yield the paths of all values that are no map, and of empty maps."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from _list_leaves(value, f"{at}.{key}" if at else key)
    else:
        yield at


def _look_up(values: Any, path: str) -> Any:
    """Return the value at a path, or None."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _list_unused_fields(root: Path, chart: Chart) -> Iterator[tuple[str, str]]:
    """Yield each key of a service or a port that no CI values file sets, after `service` or `port`.

    The keys are those of entries of the services table.
    """
    tables = [_look_up(read_yaml(path), SERVICES) or {} for path in chart.list_ci_values()]
    entries = [entry for table in tables for entry in table.values()]
    ports = [port for entry in entries for port in (entry.get("ports") or {}).values()]
    schema = read_yaml(root / FRAGMENT)
    for name, rows in (("service", entries), ("port", ports)):
        for key in sorted(schema[name]["properties"].keys() - {key for row in rows for key in row}):
            yield name, key
