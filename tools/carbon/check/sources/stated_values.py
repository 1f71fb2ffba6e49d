"""Mistakes in values files, whether a template uses the wrong value or not."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart
from carbon.check.findings import KeyPath
from carbon.check.rules.fields import quantities, schedules
from carbon.check.sources.lines import contains_path, find_in_yaml

Origin = tuple[Path, KeyPath]
"""A values file, and the path of a key in the file."""


def find_stated_mistakes(
    chart: Chart, files: Sequence[Path], values: Mapping[str, Any]
) -> Iterator[tuple[str, str, Path, int]]:
    """Yield rule, message, file and line of each mistake in the merged values of a render.

    `files` are the values files of the render, in the order in which Helm merges them.
    """
    for find in (quantities.find_mistakes, schedules.find_mistakes):
        for mistake in find(values, ""):
            file, path = find_origin(chart, files, mistake.path)
            name = ".".join(key.removeprefix("name=") for key in path)
            yield mistake.rule, f"{name}: {mistake.what}", file, find_in_yaml(file, path)


def find_origin(chart: Chart, files: Sequence[Path], path: KeyPath) -> Origin:
    """Return where a value comes from: a values file, or the values.yaml of the chart or subchart.

    The values.yaml of the chart, if no file has the value.
    """
    for file in reversed(files):
        if contains_path(file, path):
            return file, path
    return _find_default(chart, path) or (chart.folder / "values.yaml", path)


def _find_default(chart: Chart, path: KeyPath) -> Origin | None:
    own = chart.folder / "values.yaml"
    if contains_path(own, path):
        return own.resolve(), path
    inner = chart.folder / "charts" / chart.dependencies.get(path[0], "")
    if path[0] in chart.dependencies and (inner / "Chart.yaml").exists():
        return _find_default(read_chart(inner), path[1:])
    return None
