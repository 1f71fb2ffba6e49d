"""The size of a release's Secret, in which Helm stores a chart, its values and the objects.

Helm encodes the structure Release of pkg/release/v1 as JSON, compresses it and encodes it again
(encodeRelease in pkg/storage/driver/util.go, Helm 4.3.1). A Chart in it has its own files only: the
field with the subcharts is not exported, so their templates and schemas are not stored.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from carbon.charts.discovery import Chart, read_chart
from carbon.charts.merging import Values, merge
from carbon.charts.packaged import list_packaged
from carbon.check.findings import declare

MOST = 1_048_576
"""Maximum size of a Secret's data in bytes."""
BUDGET = 400 * 1024
FITS = declare(
    "release/size",
    "Helm stores a release in at most 400 KiB, of the 1024 KiB that a Secret holds.",
    "Exclude files that an install does not need: list them in .helmignore.",
)
_FIELDS = ("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json", ".helmignore")
"""Files whose content Helm stores in other fields than `files`, or not at all."""
_REST = 1024
"""Bytes for what this module does not compute: the notes, the status, and fields of hooks."""


def measure_release(chart: Chart, printed: str, given: Mapping[str, Any]) -> int:
    """Return the bytes of a release in its Secret, to 3 %.

    Args:
        chart: the chart.
        printed: the objects that Helm renders.
        given: values over the defaults of the chart.
    """
    release = {
        "name": "254carbon",
        "chart": _list_parts(chart.folder) | {"values": _merge_defaults(chart, given)},
        "config": given,
        "manifest": printed,
    }
    text = json.dumps(release, separators=(",", ":"), ensure_ascii=False, default=str)
    return len(base64.b64encode(gzip.compress(text.encode(), 9))) + _REST


def describe_excess(size: int) -> str:
    """Return a message about a release of too many bytes."""
    return (
        f"a release takes {size // 1024} KiB of the {MOST // 1024} KiB in a Secret; "
        f"this project allows {BUDGET // 1024} KiB"
    )


@cache
def _list_parts(folder: Path) -> dict[str, Any]:
    """Return what Helm stores of a chart's own files."""
    own = [name for name in list_packaged(folder) if not name.startswith("charts/")]
    schema = folder / "values.schema.json"
    return {
        "metadata": read_chart(folder).meta,
        "templates": [_store(folder, name) for name in own if name.startswith("templates/")],
        "schema": _encode(schema) if schema.exists() else None,
        "files": [
            _store(folder, name)
            for name in own
            if not name.startswith("templates/") and name not in _FIELDS
        ],
    }


def _store(folder: Path, name: str) -> dict[str, str]:
    # Helm also stores the time of each file, whose digits gzip can't compress.
    stamp = f"2026-11-30T12:00:00.{crc32(name.encode()) % 10**9:09}Z"
    return {"name": name, "modtime": stamp, "data": _encode(folder / name)}


def _encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _merge_defaults(chart: Chart, given: Mapping[str, Any]) -> Values:
    """Return the default values as Helm stores them, with those of the enabled subcharts."""
    values = chart.read_values()
    for key, name in chart.dependencies.items():
        subchart = chart.folder / "charts" / name
        chosen = merge(values, given).get(key)
        enabled = not isinstance(chosen, dict) or chosen.get("enabled", True)
        if enabled and (subchart / "Chart.yaml").exists():
            inner = _merge_defaults(read_chart(subchart), {})
            values[key] = merge(inner, values.get(key) or {})
    return values
