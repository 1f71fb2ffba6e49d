"""How large a release's Secret becomes: Helm keeps chart, values and objects in it."""

import base64
import fnmatch
import gzip
import json
import re
from functools import cache
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.check.engine.digests import list_files
from carbon.check.findings import declare

MOST = 1_048_576
"""Bytes that a Secret may hold."""
NOTHING = r"(?!)"
"""A pattern that nothing matches."""
BUDGET = MOST * 3 // 4
_LEVEL = 6
"""Helm compresses at 9, which takes thrice the time for a hundredth less."""
FITS = declare(
    "release/size",
    "A release leaves a quarter of the Secret that Helm keeps it in free.",
    "Keep what an install does not need out of the chart: name it in .helmignore.",
)


def measure_release(chart: Chart, printed: str) -> int:
    """Bytes of a release in its Secret, as Helm encodes it; to within a few per cent."""
    objects = len(gzip.compress(json.dumps(printed).encode(), _LEVEL))
    return (_measure_files(chart.folder) + objects) * 4 // 3


@cache
def _measure_files(folder: Path) -> int:
    """Bytes of a packaged chart's files, compressed as Helm does it."""
    parts = [
        {
            "name": str(path.relative_to(folder)),
            "data": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in _list_packaged(folder)
    ]
    return len(gzip.compress(json.dumps(parts).encode(), _LEVEL))


def _list_packaged(folder: Path) -> list[Path]:
    """The files that are part of a chart once it is packaged."""
    kept = []
    for path in list_files(folder):
        inside = path.relative_to(folder)
        if not any(_is_ignored(folder / up, inside.relative_to(up)) for up in _list_charts(inside)):
            kept.append(path)
    return kept


def _list_charts(inside: Path) -> list[Path]:
    """The folders of the charts that a file is in: `charts/x/charts/y/…` has three."""
    ups = [Path()]
    parts = inside.parts
    ups += [Path(*parts[: at + 2]) for at, part in enumerate(parts[:-2]) if part == "charts"]
    return ups


def _is_ignored(chart: Path, inside: Path) -> bool:
    return any(map(_read_patterns(chart).match, inside.parts))


@cache
def _read_patterns(chart: Path) -> re.Pattern[str]:
    listed = chart / ".helmignore"
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    named = [line.strip().rstrip("/") for line in lines if line.strip() and line[0] not in "#!"]
    return re.compile("|".join(map(fnmatch.translate, named)) or NOTHING)
