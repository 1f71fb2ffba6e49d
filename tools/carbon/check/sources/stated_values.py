"""Mistakes in values, also in values that no template reads."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.causes import fields
from carbon.check.causes.values import find_value
from carbon.check.findings import RULES
from carbon.check.rules.fields import quantities, schedules


def find_stated_mistakes(
    chart: Chart, files: Sequence[Path], values: Mapping[str, Any], house: bool
) -> Iterator[tuple[str, str, Path, int]]:
    """Yield rule, message, file and line of each mistake in the merged values of a render.

    `files` are the values files of the render, in the order in which Helm merges them.
    `house` includes the rules that are conventions of this project.
    """
    for find in (quantities.find_mistakes, schedules.find_mistakes):
        for mistake in find(values, ""):
            if RULES[mistake.rule].house and not house:
                continue
            path, _ = fields.resolve(values, mistake.path)
            file, line = find_value(chart, files, path)
            inner = file not in {*files, chart.folder / "values.yaml"}
            name = ".".join(map(str, path[1:] if inner and path[0] != "global" else path))
            yield mistake.rule, f"{name}: {mistake.what}", file, line
