"""Merges values as Helm 4 does.

Helm merges values twice. First it merges what a user gives (`merge`): several values files, the
last one wins, and a null is a value like any other. Then it merges the result with the defaults
of the chart and of its subcharts (`compute_values`): a null deletes the default of its key.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart, read_chart

Values = dict[str, Any]
_GLOBAL = "global"


def merge(*layers: Mapping[str, Any]) -> Values:
    """Merge layers of values, a later layer over earlier layers.

    Maps are merged by key; a later layer replaces anything else.
    """
    merged: Values = {}
    for layer in layers:
        for key, value in layer.items():
            old = merged.get(key)
            both = isinstance(old, Mapping) and isinstance(value, Mapping)
            merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def compute_values(chart: Chart, given: Mapping[str, Any]) -> Values:
    """Return `.Values` of a chart for given values, with each subchart's values below its key.

    Subcharts are merged whether they are enabled or not. `import-values` is not supported.
    """
    values = deepcopy(dict(given))
    _coalesce(_read_defaults(chart.folder), values)
    return values


def forget_defaults() -> None:
    """Clear the cache of default values; they are read again from the files."""
    _read_defaults.cache_clear()


@dataclass(frozen=True)
class _Defaults:
    """The default values of a chart and of its subcharts."""

    values: Values
    subcharts: Mapping[str, "_Defaults"]
    """Key of a subchart in the chart's values -> its defaults."""


@cache
def _read_defaults(folder: Path) -> _Defaults:
    chart = read_chart(folder)
    folders = {key: folder / "charts" / name for key, name in chart.dependencies.items()}
    bundled = {key: path for key, path in folders.items() if (path / "Chart.yaml").exists()}
    defaults = _Defaults(
        chart.read_values(), {key: _read_defaults(path.resolve()) for key, path in bundled.items()}
    )
    if chart.meta.get("dependencies"):
        # Helm first adds the defaults of the subcharts that Chart.yaml lists to the chart's own.
        # So a null that deletes a key of a chart's `global` keeps the key in a subchart's `global`.
        added: Values = {}
        _coalesce(defaults, added, keep_nulls=True)
        defaults = _Defaults(added, defaults.subcharts)
    return defaults


# The functions below follow pkg/chart/common/util/coalesce.go of Helm, names of variables aside.


def _coalesce(chart: _Defaults, values: Values, keep_nulls: bool = False) -> None:
    """Add the defaults of a chart and of its subcharts to values, in place."""
    for key, default in chart.values.items():
        if key in values and values[key] is None:
            if not keep_nulls:
                del values[key]
        elif key in chart.subcharts and isinstance(values.get(key), dict):
            if isinstance(default, dict):
                _coalesce_maps(values[key], default, keep_nulls=True)
        else:
            _coalesce_maps(values, {key: default}, keep_nulls)
    for key, subchart in chart.subcharts.items():
        own = values.setdefault(key, {})
        if isinstance(own, dict):
            _copy_globals(values, own)
            _coalesce(subchart, own, keep_nulls)


def _coalesce_maps(above: Values, below: Values, keep_nulls: bool) -> None:
    """Add copies of the keys of `below` to `above`, in place.

    A null in `above` deletes its key, and nulls of `below` are left out, except with `keep_nulls`.
    """
    for key, value in below.items():
        if value is None and not keep_nulls:
            continue
        if key not in above:
            above[key] = deepcopy(value) if keep_nulls else _drop_nulls(value)
        elif above[key] is None:
            if value is not None and not keep_nulls:
                del above[key]
        elif isinstance(above[key], dict) and isinstance(value, dict):
            _coalesce_maps(above[key], value, keep_nulls)


def _copy_globals(parent: Values, child: Values) -> None:
    """Merge the `global` of a chart over that of its subchart, in place.

    As in Helm, the two share maps below the first level. A subchart's default in such a map is
    visible in its parent, too.
    """
    below, above = child.setdefault(_GLOBAL, {}), parent.get(_GLOBAL, {})
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return
    for key, value in above.items():
        old = below.get(key)
        if isinstance(value, dict):
            if key not in below:
                below[key] = dict(value)
            elif isinstance(old, dict):
                shared = dict(value)
                _coalesce_maps(shared, old, keep_nulls=True)
                below[key] = shared
        elif not isinstance(old, dict):
            below[key] = value


def _drop_nulls(node: Any) -> Any:
    """Return a copy without the keys of maps whose value is null."""
    if isinstance(node, dict):
        return {key: _drop_nulls(value) for key, value in node.items() if value is not None}
    return deepcopy(node)
