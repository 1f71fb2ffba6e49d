"""Checks of selectors in values: of the components' pods, and of pods outside the release."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.result import Result
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.components import Component
from carbon.check.sources.lines import find_in_yaml
from carbon.errors import CarbonError
from carbon.files import read_yaml

SELECTED = declare(
    "services/selected",
    "An entry of the services table selects the pods of each component.",
    "Set `selector` of the entry to the label `app` of the component's pods, or add an entry.",
    house=True,
)
PRODUCTION = "values/production.yaml"
SAME = declare(
    "values/same-pods",
    f"All values files select the pods of a Service by the labels in {PRODUCTION}.",
    f"Write the selector of {PRODUCTION}, or the name of another Service.",
    house=True,
)
Row = dict[str, Any]
_AT = ("global", "services")


def find_unselected(checkout: Checkout, chart: Chart) -> Iterator[Finding]:
    """Yield a finding for each component whose pods no entry of a chart's services table selects.

    The place is the selector of the entry with the component's name or one of its Services.
    """
    file = chart.folder / "values.yaml"
    table = chart.read_values().get("global", {}).get("services") or {}
    selectors = [row.get("selector") or {} for row in table.values()]
    for row in checkout.components if table else ():
        labels = {"app": row.app}
        if not any(each and each.items() <= labels.items() for each in selectors):
            what = (
                f"no entry selects the pods of {row.workload}, which have the label app: {row.app}"
            )
            line = find_in_yaml(file, (*_AT, *_find_entry(table, row)))
            shown = checkout.format_path(file)
            yield make_finding(SELECTED, what, shown, line, chart=chart.name, case="values")


def _find_entry(table: Mapping[str, Any], row: Component) -> tuple[str, ...]:
    """Return the keys of the selector of a component's entry; none if there is no such entry."""
    name = row.workload.partition("/")[2]
    for entry, fields in table.items():
        if entry == name or row.services.keys() & set(fields.get("services") or ()):
            return entry, "selector"
    return ()


def list_values_files(checkout: Checkout) -> list[Path]:
    """Return the profiles and the values files in ci/ of all charts, first the production one."""
    found = [path for chart in checkout.charts for path in chart.list_ci_values()]
    found += [path for chart in checkout.charts for path in checkout.profiles(chart)]
    production = checkout.root / PRODUCTION
    return [production, *(path for path in found if path != production)]


def check_selectors(root: Path) -> Result:
    """Compare the selectors of values files with those of the production values."""
    checkout = Checkout(root)
    stated: dict[tuple[str, str], tuple[str, Row]] = {}
    found = []
    for file in list_values_files(checkout):
        shown = checkout.format_path(file)
        for keys, row in _list_selectors(_read(file), ()):
            names = [*(row.get("services") or ()), *(row.get("pods") or ())]
            same = [(str(row.get("namespace", "")), str(name)) for name in names]
            others = [stated[each] for each in same if each in stated]
            for where, selector in others[:1]:
                if selector != row["selector"]:
                    what = f"{names[0]} is selected by {row['selector']}, in {where} by {selector}"
                    line = find_in_yaml(file, (*keys, "selector"))
                    found.append(make_finding(SAME, what, shown, line, case="values"))
            if shown == PRODUCTION:
                for each in same:
                    stated.setdefault(each, (f"{shown} {'.'.join(keys)}", row["selector"]))
    return Result(found)


def _read(file: Path) -> Row:
    try:
        return read_yaml(file)
    except CarbonError:
        return {}  # values/valid reports the file


def _list_selectors(node: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Yield the keys of each map with the labels of pods, and the map."""
    for key, child in node.items() if isinstance(node, dict) else ():
        if isinstance(child, dict) and isinstance(child.get("selector"), dict):
            yield (*keys, str(key)), child
        yield from _list_selectors(child, (*keys, str(key)))
