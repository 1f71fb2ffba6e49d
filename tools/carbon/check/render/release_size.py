"""The size of a release's Secret, in which Helm stores the chart, its values and the objects."""

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
"""Maximum size of a Secret in bytes."""
BUDGET = MOST * 3 // 4
_LEVEL = 6
"""Gzip level. Helm uses 9, which takes three times as long for 1 % less."""
FITS = declare(
    "release/size",
    "A release takes at most three quarters of the size limit of its Secret.",
    "Exclude files that an install does not need: list them in .helmignore.",
)


def measure_release(chart: Chart, printed: str) -> int:
    """Return the bytes of a release in its Secret, as Helm encodes it, to a few per cent."""
    objects = len(gzip.compress(json.dumps(printed).encode(), _LEVEL))
    return (_measure_files(chart.folder) + objects) * 4 // 3


def describe_excess(size: int) -> str:
    """Return a message about a release of too many bytes."""
    return (
        f"a release takes {size // 1024} KiB of the {MOST // 1024} KiB in a Secret; "
        f"this project allows {BUDGET // 1024} KiB"
    )


@cache
def _measure_files(folder: Path) -> int:
    """Return the bytes of a packaged chart's files, compressed as Helm does it."""
    parts = [
        {
            "name": str(path.relative_to(folder)),
            "data": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in _list_packaged(folder)
    ]
    return len(gzip.compress(json.dumps(parts).encode(), _LEVEL))


def _list_packaged(folder: Path) -> list[Path]:
    """Return the files of a chart that its package contains."""
    ignored = _read_patterns(folder)
    return [
        path for path in list_files(folder) if not _is_ignored(ignored, path.relative_to(folder))
    ]


def _is_ignored(patterns: list[tuple[re.Pattern[str], bool]], inside: Path) -> bool:
    """Return whether a pattern matches the file or one of its folders, as Helm matches them."""
    paths = [inside, *inside.parents]
    return any(
        pattern.match(path.as_posix() if whole else path.name)
        for path in paths
        for pattern, whole in patterns
    )


@cache
def _read_patterns(chart: Path) -> list[tuple[re.Pattern[str], bool]]:
    """Return the patterns of the chart's .helmignore.

    Helm does not read the patterns of subcharts. Each pattern comes with whether it contains a
    slash: then it matches a whole path from the chart's folder, otherwise the name of a file or
    folder.
    """
    listed = chart / ".helmignore"
    lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
    named = [line.strip().rstrip("/") for line in lines if line.strip() and line[0] not in "#!"]
    return [
        (re.compile(fnmatch.translate(name).replace(".*", "[^/]*")), "/" in name) for name in named
    ]
