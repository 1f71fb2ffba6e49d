"""Reports of benchmarks: printed, and with `--write` stored in docs/benchmarks.md."""

import sys
from collections.abc import Sequence

from carbon.charts.generate.blocks import fill_blocks
from carbon.home import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
TITLES = {
    "startup": "Duration of `tools/up`",
    "tests": "Duration of `tools/test`",
    "fast": "Duration of `tools/test --fast` when nothing has changed",
    "memory": "Memory of an idle release",
    "logging": "Logging metrics to MLflow",
    "feast": "Reading features from Feast",
    "ray": "Running a task on Ray",
    "check": "Checking charts",
    "new chart": "Creating a chart",
    "upgrade": "Checking an upgrade",
    "live upgrade": "Upgrading a release",
    "gitops": "Installing with Argo CD and with Helm",
}
"""Heading of each block in docs/benchmarks.md."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Format a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def report(name: str, text: str) -> None:
    """Print `text`; with the argument `--write`, also write it to the block `name` of the page."""
    print(text, end="")
    if "--write" in sys.argv:
        block = f"## {TITLES[name]}\n\n{text}"
        PAGE.write_text(fill_blocks(PAGE.read_text(encoding="utf-8"), {name: block}), "utf-8")
