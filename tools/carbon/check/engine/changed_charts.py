"""Finds the charts that a change touches, in the chart's own files or in files of a subchart."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.check.engine.checkout import Checkout
from carbon.errors import CarbonError

MAIN = "main"
EVERYTHING = ("schemas/", "tools/carbon/check/", "tools/carbon/charts/", "ct.yaml")
"""Files that the check of every chart depends on."""


def find_changed(checkout: Checkout, charts: Iterable[Chart]) -> list[Chart]:
    """Return the charts that differ from the merge base with main, uncommitted changes included.

    Raises:
        CarbonError: the checkout is not a Git repository.
    """
    root = checkout.root
    base = _run_git(root, "merge-base", "HEAD", MAIN, accept=True).strip() or "HEAD"
    names = _run_git(root, "diff", "--name-only", "--no-renames", base).splitlines()
    names += _run_git(root, "ls-files", "--others", "--exclude-standard").splitlines()
    top = Path(_run_git(root, "rev-parse", "--show-toplevel").strip())
    paths = {(top / name).resolve() for name in names if name}
    return select_touched(root, charts, paths)


def select_touched(root: Path, charts: Iterable[Chart], paths: Iterable[Path]) -> list[Chart]:
    """Return the charts that contain a changed file, also in a subchart."""
    files = list(paths)
    shared = [root / name for name in EVERYTHING]
    every = any(_is_below(file, folder) for file in files for folder in shared)
    profiles = any(_is_below(file, root / "values") for file in files)
    return [
        chart
        for chart in charts
        if every
        or (profiles and chart.is_umbrella)
        or any(_is_below(file, folder) for file in files for folder in list_folders(chart))
    ]


def list_folders(chart: Chart) -> list[Path]:
    """Return the folders of a chart and of all its subcharts, links resolved."""
    inner = [folder for folder in (chart.folder / "charts").glob("*") if folder.is_dir()]
    found = [chart.folder.resolve()]
    for folder in inner:
        found += list_folders(Chart(folder, {}))
    return found


def _is_below(file: Path, folder: Path) -> bool:
    return file == folder or file.is_relative_to(folder)


def _run_git(root: Path, *args: str, accept: bool = False) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *args], capture_output=True, text=True, check=False
    )
    if done.returncode and not accept:
        raise CarbonError(f"{root}: {done.stderr.strip()}", "Run the command without --changed.")
    return done.stdout if not done.returncode else ""
