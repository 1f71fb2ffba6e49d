"""Check of the services table against the components table: each component has an entry."""

from collections.abc import Iterator, Mapping
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.engine.checkout import Checkout
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.components import Component
from carbon.check.sources.lines import find_in_yaml

SELECTED = declare(
    "services/selected",
    "An entry of the services table selects the pods of each component.",
    "Set `selector` of the entry to the label `app` of the component's pods, or add an entry.",
    house=True,
)
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
