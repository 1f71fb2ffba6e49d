"""What the release may need at its most: the umbrella counts it, and the quickstart is small."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.charts.amounts import Load, loads, needed
from tests.charts.cases import APIS, CHARTS, renders

from carbon.charts.render import Render, render_objects, run_template
from carbon.errors import CarbonError
from carbon.home import ROOT

UMBRELLA = next(chart for chart in CHARTS if chart.is_umbrella)
PRODUCTION = Render(UMBRELLA.folder, values=(ROOT / "values" / "production.yaml",), apis=APIS)
PLATFORMS = [*renders(UMBRELLA), PRODUCTION]
CORES = Decimal("1.8")
BYTES = 8 * 2**30

NOTHING = ("requests.cpu", "limits.cpu", "requests.memory", "limits.memory", "pods")
DEMAND = re.compile(r"(requests|limits) can add up to ([\d.]+)")


def refusal(render: Render) -> str:
    """Why the umbrella refuses to run a release under a quota of next to nothing."""
    quota = {"enabled": True, "hard": dict.fromkeys(NOTHING, "1m")}
    sets = (
        f"quota={json.dumps(quota)}",
        "limitRange.enabled=true",
        "capacity.nodes={}",
        "capacity.beside={}",
    )
    with pytest.raises(CarbonError) as refused:
        run_template(replace(render, sets=sets))
    return str(refused.value)


def stated(message: str) -> Iterator[tuple[str, str, Decimal]]:
    """Side, resource and amount of every line about the quota."""
    for line in message.splitlines():
        for resource in ("cpu", "memory", "pods"):
            if re.search(rf"quota\.hard\.((requests|limits)\.)?{resource}", line):
                for side, amount in DEMAND.findall(line):
                    yield side, resource, Decimal(amount)


def expected(found: Iterable[Load]) -> Iterator[tuple[str, str, Decimal]]:
    """The same, counted here from the drawn objects."""
    units = {"cpu": Decimal(1), "memory": Decimal(2**30), "pods": Decimal(1)}
    for side in ("requests", "limits"):
        for resource, unit in units.items():
            if (side, resource) != ("limits", "pods"):
                yield side, resource, needed(found, side, resource) / unit


@pytest.mark.parametrize("render", PLATFORMS, ids=str)
def test_the_umbrella_counts_every_pod_that_is_drawn(render: Render) -> None:
    numbers = {(side, what): amount for side, what, amount in stated(refusal(render))}
    found = list(loads(render_objects(render), UMBRELLA.values()["capacity"]["proxy"]))
    for side, what, amount in expected(found):
        assert abs(numbers[side, what] - amount) <= Decimal("0.005"), f"{side} {what}"


def test_whoever_takes_most_is_named_first_with_the_value_to_lower() -> None:
    said = refusal(replace(PRODUCTION, sets=()))
    assert re.search(r"quota\.hard\.limits\.cpu.*; lower ray-cluster\.\S+ \(\d+ pods, ", said)


def test_the_quickstart_leaves_room_for_a_rolling_update_and_a_test() -> None:
    found = [
        each for each in loads(render_objects(Render(UMBRELLA.folder)), {}) if each.kind != "job"
    ]
    assert needed(found, "requests", "cpu") <= CORES
    assert needed(found, "requests", "memory") <= BYTES


def test_while_jobs_run_everything_fits_too() -> None:
    found = list(loads(render_objects(Render(UMBRELLA.folder)), {}))
    assert needed(found, "requests", "cpu") <= 2
