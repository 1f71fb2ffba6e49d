"""Coverage of options: for each key of a schema, a CI values file changes the default."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.generate.fragments import Fragments
from carbon.charts.generate.readme import list_rows
from carbon.charts.generate.schema import compile_schema
from carbon.files import read_yaml
from carbon.home import ROOT

OWN = [chart for chart in CHARTS if not chart.is_umbrella]
# Keys that every schema declares, for charts that depend on the chart.
NOT_OPTIONS = {"enabled", "global", "common"}
TABLE = "global.services"
"""Other tests cover the entries of the services table; the keys of an entry are options."""


def list_leaves(values: Any, at: str = "") -> Iterator[str]:
    """Yield the paths of all values that are no map, and of empty maps."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from list_leaves(value, f"{at}.{key}" if at else key)
    else:
        yield at


def look_up(values: Any, path: str) -> Any:
    """Return the value at a path, or None."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def list_options(chart: Chart) -> set[str]:
    """Return the keys of a chart's schema and of its default values."""
    values, schema = chart.read_values(), compile_schema(chart, Fragments())
    keys = {row.key for row in list_rows(schema, values, expand=False)} | set(list_leaves(values))
    keys = {path for path in keys if not path.startswith(f"{TABLE}.")}
    return {path for path in keys if path not in NOT_OPTIONS and "[]" not in path}


def list_uncovered(chart: Chart) -> set[str]:
    """Return the keys whose default no CI values file of the chart changes."""
    default = chart.read_values()
    files = [read_yaml(path) for path in chart.list_ci_values()]

    def is_covered(path: str) -> bool:
        values = (look_up(file, path) for file in files)
        return any(value is not None and value != look_up(default, path) for value in values)

    return {path for path in list_options(chart) if not is_covered(path)}


@pytest.mark.parametrize("chart", OWN, ids=lambda c: c.name)
def test_ci_values_files_change_the_default_of_every_option(chart: Chart) -> None:
    assert sorted(list_uncovered(chart)) == []


def test_ci_values_files_set_every_key_of_a_services_table_entry() -> None:
    chart = next(c for c in OWN if c.name == "mesh-policies")
    tables = [look_up(read_yaml(path), TABLE) or {} for path in chart.list_ci_values()]
    entries = [entry for table in tables for entry in table.values()]
    ports = [port for entry in entries for port in entry.get("ports", {}).values()]
    schema = read_yaml(ROOT / "schemas" / "services.yaml")
    assert schema["service"]["properties"].keys() - {key for e in entries for key in e} == set()
    assert schema["port"]["properties"].keys() - {key for p in ports for key in p} == set()


def test_an_option_that_no_ci_values_file_sets_is_reported(tmp_path: Any) -> None:
    chart = next(c for c in OWN if c.name == "mlflow")
    fewer = Chart(tmp_path, chart.meta)
    for name in ("values.yaml", "values.schema.yaml"):
        (tmp_path / name).write_text((chart.folder / name).read_text("utf-8"), "utf-8")
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "a-values.yaml").write_text("replicas: 7\nworkers: 1\n", "utf-8")
    assert "replicas" not in list_uncovered(fewer)
    assert {"workers", "auth.enabled", "probes.startup.periodSeconds"} <= list_uncovered(fewer)
