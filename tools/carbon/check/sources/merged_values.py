"""The values of a render, merged as Helm merges them."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml


def merge_values(under: Any, over: Any) -> Any:
    """Return values with others laid over them: maps are merged by key, all else is replaced."""
    if not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return over
    both = dict(under)
    for key, value in over.items():
        both[key] = merge_values(both[key], value) if key in both and value is not None else value
    return both


def read_render_values(chart: Chart, files: Sequence[Path]) -> dict[str, Any]:
    """Return the values of a render: the chart's defaults, values files, and each subchart's."""
    values: dict[str, Any] = dict(_read_defaults(chart.folder.resolve()))
    for path in files:
        values = merge_values(values, read_yaml(path))
    for key in chart.dependencies:
        folder = chart.folder / "charts" / chart.dependencies[key]
        if (folder / "Chart.yaml").exists():
            sub = Chart(folder, read_yaml(folder / "Chart.yaml"))
            own = merge_values(read_render_values(sub, ()), values.get(key) or {})
            own["global"] = merge_values(own.get("global") or {}, values.get("global") or {})
            values[key] = own
    return values


@cache
def _read_defaults(folder: Path) -> dict[str, Any]:
    """Return a chart's default values; callers must not change them."""
    return Chart(folder, {}).values()


def clear_cache() -> None:
    """Read default values again from now on: files have changed."""
    _read_defaults.cache_clear()
