"""The maximum size of a release.

The umbrella's message states the sum of all rendered pods, and the quickstart fits two cores.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.charts.amounts import Load, list_loads, sum_loads
from tests.charts.cases import UMBRELLA, profile, renders

from carbon.charts.render import Render, render_objects, run_template
from carbon.errors import CarbonError

QUICKSTART = Render(UMBRELLA.folder)
PRODUCTION = profile("production")
PLATFORMS = renders(UMBRELLA)
CORES = Decimal("1.8")
BYTES = 8 * 2**30

QUOTA_KEYS = ("requests.cpu", "limits.cpu", "requests.memory", "limits.memory", "pods")
DEMAND = re.compile(r"(requests|limits) can add up to ([\d.]+)")


def render_refusal(render: Render) -> str:
    """Return the message with which the umbrella refuses a quota that is too small for any pod."""
    quota = {"enabled": True, "hard": dict.fromkeys(QUOTA_KEYS, "1m")}
    sets = (
        f"quota={json.dumps(quota)}",
        "limitRange.enabled=true",
        "capacity.nodes={}",
        "capacity.beside={}",
    )
    with pytest.raises(CarbonError) as refused:
        run_template(replace(render, sets=sets))
    return str(refused.value)


def parse_refusal(message: str) -> Iterator[tuple[str, str, Decimal]]:
    """Yield the side (requests or limits), resource and amount of every message about the quota."""
    for line in message.splitlines():
        for resource in ("cpu", "memory", "pods"):
            if re.search(rf"quota\.hard\.((requests|limits)\.)?{resource}", line):
                for side, amount in DEMAND.findall(line):
                    yield side, resource, Decimal(amount)


def compute_expected(loads: Iterable[Load]) -> Iterator[tuple[str, str, Decimal]]:
    """Yield the side, resource and amount, computed here from the rendered objects."""
    units = {"cpu": Decimal(1), "memory": Decimal(2**30), "pods": Decimal(1)}
    for side in ("requests", "limits"):
        for resource, unit in units.items():
            if (side, resource) != ("limits", "pods"):
                yield side, resource, sum_loads(loads, side, resource) / unit


@pytest.mark.parametrize("render", PLATFORMS, ids=str)
def test_the_umbrella_counts_every_rendered_pod(render: Render) -> None:
    message = render_refusal(render)
    numbers = {(side, what): amount for side, what, amount in parse_refusal(message)}
    loads = list(list_loads(render_objects(render), UMBRELLA.read_values()["capacity"]["proxy"]))
    for side, what, amount in compute_expected(loads):
        assert abs(numbers[side, what] - amount) <= Decimal("0.005"), f"{side} {what}"


def test_the_umbrella_names_the_value_with_the_largest_need_first() -> None:
    message = render_refusal(PRODUCTION)
    assert re.search(r"quota\.hard\.limits\.cpu.*; lower ray-cluster\.\S+ \(\d+ pods, ", message)


def test_the_quickstart_leaves_room_for_a_rolling_update_and_a_test() -> None:
    loads = [each for each in list_loads(render_objects(QUICKSTART), {}) if each.kind != "job"]
    assert sum_loads(loads, "requests", "cpu") <= CORES
    assert sum_loads(loads, "requests", "memory") <= BYTES


def test_the_quickstart_fits_two_cores_while_its_jobs_run() -> None:
    assert sum_loads(list_loads(render_objects(QUICKSTART), {}), "requests", "cpu") <= 2
