"""Every option is exercised: each key of a schema is set to something else in a CI values file."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.charts.cases import CHARTS

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.fragments import Fragments
from carbon.charts.readme import rows
from carbon.charts.schema import compiled
from carbon.home import ROOT

OWN = [chart for chart in CHARTS if not chart.is_umbrella]
# What the schema declares for whoever installs the chart from another one, or shares with others.
NOT_OPTIONS = {"enabled", "global", "common"}
TABLE = "global.services"
"""Its rows are what the platform is, each of which other tests try; a row's keys are options."""


def leaves(values: Any, at: str = "") -> Iterator[str]:
    """The paths of everything in a values file that is no map, and of empty maps."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, f"{at}.{key}" if at else key)
    else:
        yield at


def found(values: Any, path: str) -> Any:
    """What a values file holds under a path; None if nothing."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def options(chart: Chart) -> set[str]:
    """Every key of the schema, those of shared fragments as far as the chart has a default."""
    described = {row.key for row in rows(compiled(chart, Fragments()), chart.values(), False)}
    wanted = described | set(leaves(chart.values()))
    wanted = {path for path in wanted if not path.startswith(f"{TABLE}.")}
    return {path for path in wanted if path not in NOT_OPTIONS and "[]" not in path}


def unexercised(chart: Chart) -> set[str]:
    """Options that no CI values file of the chart sets to something other than the default."""
    default = chart.values()
    files = [read_yaml(path) for path in chart.ci_values()]

    def exercised(path: str) -> bool:
        given = (found(values, path) for values in files)
        return any(value is not None and value != found(default, path) for value in given)

    return {path for path in options(chart) if not exercised(path)}


@pytest.mark.parametrize("chart", OWN, ids=lambda c: c.name)
def test_every_option_is_set_to_something_else_in_a_ci_values_file(chart: Chart) -> None:
    assert sorted(unexercised(chart)) == []


def test_every_key_of_the_table_is_written_in_a_ci_values_file() -> None:
    chart = next(c for c in OWN if c.name == "mesh-policies")
    tables = [found(read_yaml(path), TABLE) or {} for path in chart.ci_values()]
    entries = [entry for table in tables for entry in table.values()]
    ports = [port for entry in entries for port in entry.get("ports", {}).values()]
    described = read_yaml(ROOT / "schemas" / "services.yaml")
    assert described["service"]["properties"].keys() - {key for e in entries for key in e} == set()
    assert described["port"]["properties"].keys() - {key for p in ports for key in p} == set()


def test_an_option_that_nobody_sets_is_found(tmp_path: Any) -> None:
    chart = next(c for c in OWN if c.name == "mlflow")
    fewer = Chart(tmp_path, chart.meta)
    for name in ("values.yaml", "values.schema.yaml"):
        (tmp_path / name).write_text((chart.folder / name).read_text("utf-8"), "utf-8")
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "a-values.yaml").write_text("replicas: 7\nworkers: 1\n", "utf-8")
    assert "replicas" not in unexercised(fewer)
    assert {"workers", "auth.enabled", "probes.startup.periodSeconds"} <= unexercised(fewer)
