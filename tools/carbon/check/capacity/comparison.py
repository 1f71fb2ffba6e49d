"""Compares the sums that the umbrella counts with the rendered pods.

The sums are in the message with which the umbrella refuses a quota that is too small.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from carbon.charts.render import Render, run_template
from carbon.check.capacity.loads import Load, list_loads, sum_loads
from carbon.check.engine.cache import open_cache
from carbon.check.engine.digests import combine, hash_file, hash_files
from carbon.check.findings import Violation, declare
from carbon.check.render.objects import RenderedChart, RenderedObject, to_json
from carbon.errors import CarbonError

COUNTED = declare(
    "capacity/counted",
    "The umbrella counts every rendered pod against the quota and the nodes.",
    "Add or correct the template's entry in the chart's _capacity.tpl.",
    house=True,
)
UNITS = {"cpu": Decimal(1), "memory": Decimal(2**30), "pods": Decimal(1)}
NAMES = {"cpu": "cores", "memory": "GiB", "pods": "pods"}
ROUNDING = Decimal("0.005")
"""The umbrella's message has two decimals."""
SUMS = {("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")}
SUMS |= {("requests", "pods")}
Sums = dict[tuple[str, str], Decimal]
"""(requests or limits; cpu, memory or pods) -> a sum in cores, in GiB or as a number of pods."""
_DEMAND = re.compile(r"(requests|limits) can add up to ([\d.]+)")
_HARD = ("requests.cpu", "limits.cpu", "requests.memory", "limits.memory", "pods")


def find_miscounts(chart: RenderedChart, render: Render) -> Iterator[Violation]:
    """Yield a violation if the umbrella counts other sums than those of the rendered pods.

    Yield one also for each resource of which the umbrella accepts a quota that is too small.
    """
    proxy = (chart.values.get("capacity") or {}).get("proxy") or {}
    loads = list(list_loads(chart, proxy))
    counted = _read_counted(chart, render, loads)
    for side, what in sorted(SUMS - counted.keys()):
        text = f"the umbrella does not refuse a quota that is too small for {side} of {what}"
        yield Violation(_find_list(chart.objects[0]), (), text)
    rest = {key: sum_loads(loads, *key) / UNITS[key[1]] - amount for key, amount in counted.items()}
    wrong = {key: amount for key, amount in rest.items() if abs(amount) > ROUNDING}
    if wrong:
        named, found = _find_cause(loads, rest)
        sums = (
            f"{counted[side, what]:g} {NAMES[what]} of {side}, and the pods have"
            f" {counted[side, what] + amount:g}"
            for (side, what), amount in wrong.items()
        )
        obj = found[0].object if found else chart.objects[0]
        text = f'"{obj.source.partition("/templates/")[2]}"' if len(found) == 1 else "define"
        message = f"the umbrella counts {'; '.join(sums)}: the difference is {named}"
        yield Violation(_find_list(obj), (), message, text=text)


def _find_cause(loads: Sequence[Load], rest: Sums) -> tuple[str, list[Load]]:
    """Return in words which pods explain the difference, and their loads; no loads if none do."""
    for load in loads:
        for pods in range(load.pods):
            fewer = [replace(each, pods=pods) if each is load else each for each in loads]
            if pods and _explains(loads, fewer, rest):
                return f"{load.pods - pods} of {load.pods} pods of {load.name}", [load]
        if _explains(loads, [each for each in loads if each is not load], rest):
            return load.name, [load]
    for folder in dict.fromkeys(_find_folder(load.object) for load in loads):
        others = [each for each in loads if _find_folder(each.object) != folder]
        if _explains(loads, others, rest):
            found = [each for each in loads if _find_folder(each.object) == folder]
            return f"all pods of the chart {folder.rpartition('/')[2]}", found
    return "not that of a single workload", []


def _explains(loads: Sequence[Load], counted: Sequence[Load], rest: Sums) -> bool:
    """Return whether the umbrella's sums are those of `counted`, some of the loads.

    `rest` is what the sums of all loads exceed the umbrella's sums by.
    """
    return all(
        abs((sum_loads(loads, *key) - sum_loads(counted, *key)) / UNITS[key[1]] - amount)
        <= ROUNDING * 2
        for key, amount in rest.items()
    )


def _find_folder(obj: RenderedObject) -> str:
    return obj.source.partition("/templates/")[0]


def _find_list(obj: RenderedObject) -> RenderedObject:
    """Return an object as if the capacity list of its chart had rendered the object."""
    folder = _find_folder(obj)
    return replace(obj, source=f"{folder}/templates/_capacity.tpl") if folder else obj


def _read_counted(chart: RenderedChart, render: Render, loads: Sequence[Load]) -> Sums:
    """Return the umbrella's sums, from the cache if nothing that they depend on has changed.

    They depend on the named templates, the values and the pods, not on other templates.
    """
    pods = [(load.name, load.kind, load.pods, load.surge, load.pod["spec"]) for load in loads]
    texts = to_json({"values": chart.values, "pods": pods})
    key = combine(["capacity", *_hash_templates(render.chart), hash_file(Path(__file__)), texts])
    cache = open_cache()
    stored = cache.get([key])
    counted = dict(stored[key]) if key in stored else _ask_umbrella(render)
    if key not in stored and counted:
        cache.put({key: counted})
    return {(side, what): Decimal(counted[f"{side} {what}"]) for side, what in _split(counted)}


def _split(counted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in counted:
        side, _, what = name.partition(" ")
        yield side, what


def _hash_templates(folder: Path) -> Iterator[str]:
    for path, content in hash_files(folder).items():
        if "templates" in path.parts and path.name.startswith("_"):
            yield f"{path} {content}"


def _ask_umbrella(render: Render) -> dict[str, str]:
    """Return the sums in the umbrella's message about a quota that is too small for any pod.

    A key is such as `requests cpu`. The result is empty if the message has another form.
    """
    quota = {"enabled": True, "hard": dict.fromkeys(_HARD, "1m")}
    own = (f"quota={json.dumps(quota)}", "limitRange.enabled=true")
    sets = (*own, "capacity.nodes={}", "capacity.beside={}")
    try:
        run_template(replace(render, sets=sets, known_good=True))
    except CarbonError as refused:
        return dict(_parse_refusal(refused.what))
    return {}


def _parse_refusal(message: str) -> Iterator[tuple[str, str]]:
    for line in message.splitlines():
        for what in UNITS:
            if re.search(rf"quota\.hard\.((requests|limits)\.)?{what}", line):
                for side, amount in _DEMAND.findall(line):
                    yield f"{side} {what}", amount
