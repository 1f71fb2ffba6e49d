"""Benchmark of `carbon upgrade-check`: with an empty cache, unchanged, and as the inputs grow.

    python -m tests.bench.upgrade [--write]

Every measurement compares release 0.1.0, or a copy of it, with a copy of the working tree. Run the
benchmark on an idle machine; it takes two minutes.
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
from carbon.home import ROOT, home
from carbon.upgrade.sides import find_side

FROM = "0.1.0"
EXPECTED = (0, 3, 4)
"""Exit statuses of a check that ended with a report."""


def main() -> None:
    """Run all measurements and report a table."""
    externals.ensure_built(["helm-many"])
    with tempfile.TemporaryDirectory() as folder:
        root, one, two = (Path(folder) / name for name in ("root", "one", "two"))
        copy_checkout(root)
        other = _copy_release(Path(folder) / "other")
        rows = [
            _measure("empty cache", "30 s", FROM, root, one),
            _measure("again, nothing changed", "5 s", FROM, root, one),
            _measure("again, from another release", "30 s", str(other), root, one),
        ]
        _double_values(root)
        rows.append(_measure("empty cache, twice the values files", "60 s", FROM, root, two))
    text = table(("run", "time", "limit", "peak memory"), rows)
    report("upgrade", f"On {os.cpu_count()} cores, from release {FROM}:\n\n{text}")


def _measure(run: str, limit: str, old: str, root: Path, cache: Path) -> list[str]:
    """Return the row of one run with its duration and peak memory; exits if the run fails."""
    cache.mkdir(exist_ok=True)
    for name in ("bin", "releases"):
        if (home() / name).exists() and not (cache / name).exists():
            (cache / name).symlink_to(home() / name)
    command = [sys.executable, "-m", "carbon", "upgrade-check", old, str(root), "--output", "json"]
    environment = {**os.environ, "CARBON_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # Python compiles each module once
    with measure() as usage:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in EXPECTED:
        sys.exit(done.stderr)
    return [run, f"{usage.seconds:.1f} s", limit, f"{usage.bytes / 2**20:.0f} MiB"]


def _copy_release(to: Path) -> Path:
    """Copy the release, with another label of all objects, so that nothing is in the cache."""
    shutil.copytree(find_side(FROM).root or ROOT, to, symlinks=True)
    for path in to.rglob("Chart.yaml"):
        path.write_text(path.read_text("utf-8").replace(f"version: {FROM}", "version: 0.0.9"))
    return to


def _double_values(root: Path) -> None:
    """Add a copy of each CI values file of each chart."""
    for chart in find_charts(root):
        for path in chart.list_ci_values():
            shutil.copy(path, path.with_name(f"more-{path.name}"))


if __name__ == "__main__":
    main()
