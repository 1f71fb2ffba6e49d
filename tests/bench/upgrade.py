"""Benchmark of `carbon upgrade-check`: with an empty cache, unchanged, and as the values grow.

    python -m tests.bench.upgrade [--write]

Every measurement compares release 0.1.0 with a copy of the working tree. Run the benchmark on an
idle machine; it takes a minute.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.report import report, table
from tests.bench.usage import measure
from tests.check.mutation import copy_checkout

from carbon import externals
from carbon.charts.discovery import find_charts
from carbon.home import home

FROM = "0.1.0"
EXPECTED = (0, 3, 4)
"""Exit statuses of a check that ended with a report."""


def main() -> None:
    """Run all measurements and report a table."""
    externals.ensure_built(["helm-many"])
    with tempfile.TemporaryDirectory() as folder:
        root = copy_checkout(Path(folder) / "root")
        rows = [
            ["empty cache", *_measure(root, Path(folder) / "one")],
            ["again, nothing changed", *_measure(root, Path(folder) / "one")],
        ]
        _double_values(root)
        rows.append(["empty cache, twice the values files", *_measure(root, Path(folder) / "two")])
    text = table(("run", "time", "peak memory"), rows)
    report("upgrade", f"On {os.cpu_count()} cores, from release {FROM}:\n\n{text}")


def _measure(root: Path, cache: Path) -> tuple[str, str]:
    """Return duration and peak memory of one run; exits if the run fails."""
    cache.mkdir(exist_ok=True)
    for name in ("bin", "releases"):
        if (home() / name).exists() and not (cache / name).exists():
            (cache / name).symlink_to(home() / name)
    command = [sys.executable, "-m", "carbon", "upgrade-check", FROM, str(root), "--output", "json"]
    environment = {**os.environ, "CARBON_HOME": str(cache)}
    with measure() as usage:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in EXPECTED:
        sys.exit(done.stderr)
    return f"{usage.seconds:.1f} s", f"{usage.bytes / 2**20:.0f} MiB"


def _double_values(root: Path) -> None:
    """Add a copy of each CI values file of each chart."""
    for chart in find_charts(root):
        for path in chart.list_ci_values():
            shutil.copy(path, path.with_name(f"more-{path.name}"))


if __name__ == "__main__":
    main()
