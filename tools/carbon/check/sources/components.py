"""The components table: `schemas/components.yaml` of a checkout, with one row for each workload."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.home import ROOT

TABLE = Path("schemas") / "components.yaml"


@dataclass(frozen=True)
class Component:
    """One workload of a chart."""

    chart: str
    workload: str
    """Kind and name, without the hash of a Job's name."""
    app: str
    """Value of the label `app`, by which dashboards and clients select the pods."""
    services: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Name of a Service that clients depend on -> name of a port -> its number."""
    token: bool = False
    """True if the pods call the API server."""


def read_components(root: Path = ROOT) -> tuple[Component, ...]:
    """Return the rows of a checkout's components table; none without a table.

    Raises:
        CarbonError: a row of the components table has an unknown key.
    """
    path = root / TABLE
    if not path.exists():
        return ()
    rows = []
    for chart, listed in read_yaml(path).items():
        for workload, row in (listed or {}).items():
            try:
                rows.append(Component(chart, workload, **(row | _read_ports(row))))
            except TypeError as wrong:
                raise CarbonError(
                    f"{format_path(path)}: {chart}: {workload}: {wrong}",
                    "Write a row of the components table as {app: …}; add services and "
                    "token if the component has them.",
                ) from wrong
    return tuple(rows)


def _read_ports(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Services in a row of the components table.

    `worker-*: 10002-10033` is a port for each number in the range.
    """
    found: dict[str, dict[str, int]] = {}
    for service, ports in (row.get("services") or {}).items():
        found[service] = {}
        for name, number in ports.items():
            first, _, last = str(number).partition("-")
            numbers = range(int(first), int(last or first) + 1)
            found[service] |= {name.replace("*", str(each)): each for each in numbers}
    return {"services": found} if found else {}
