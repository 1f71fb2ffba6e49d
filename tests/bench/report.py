"""Print what a benchmark measured, and with --write store it in docs/benchmarks.md."""

import sys
from collections.abc import Sequence

from carbon.charts.blocks import filled
from carbon.home import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
TITLES = {
    "startup": "Duration of the commands",
    "fast": "Duration of `tools/test --fast` when nothing has changed",
    "memory": "Memory of an idle release",
    "logging": "Logging metrics to MLflow",
    "feast": "Reading features from Feast",
    "ray": "Running a task on Ray",
    "check": "Checking charts",
}
"""The blocks of docs/benchmarks.md and their headings; one without a measurement has neither."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def report(name: str, text: str) -> None:
    """Print `text`; with --write among the arguments it becomes the page's block `name`."""
    print(text, end="")
    if "--write" in sys.argv:
        block = f"## {TITLES[name]}\n\n{text}"
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), {name: block}), "utf-8")
