"""The table of components: everything that runs, and what holds for it and not for all.

It is `schemas/components.yaml` of a checkout, a line a workload.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbon.charts.files import read_yaml, shown
from carbon.errors import CarbonError
from carbon.home import ROOT

TABLE = Path("schemas") / "components.yaml"


@dataclass(frozen=True)
class Component:
    """One workload of a chart."""

    chart: str
    workload: str
    """Kind and name, without the hash of a Job's name."""
    app: str
    """Its label `app`, which people there already select by."""
    services: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Its Services and their ports, which clients depend on."""
    token: bool = False
    """Whether it talks to the API server."""

    @property
    def serves(self) -> bool:
        """Whether it runs on, rather than to an end."""
        return self.workload.partition("/")[0] in {"Deployment", "StatefulSet", "DaemonSet"}


def read_components(root: Path = ROOT) -> tuple[Component, ...]:
    """The rows of a checkout's table; none if it has no table.

    Raises:
        CarbonError: a row has a key that no component has.
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
                    f"{shown(path)}: {chart}: {workload}: {wrong}",
                    "A row is {app: …} with services and token where it has them.",
                ) from wrong
    return tuple(rows)


def _read_ports(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's Services; `worker-*: 10002-10033` is a port of that name for each number."""
    found: dict[str, dict[str, int]] = {}
    for service, ports in (row.get("services") or {}).items():
        found[service] = {}
        for name, number in ports.items():
            first, _, last = str(number).partition("-")
            numbers = range(int(first), int(last or first) + 1)
            found[service] |= {name.replace("*", str(each)): each for each in numbers}
    return {"services": found} if found else {}
