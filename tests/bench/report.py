"""Print what a benchmark measured, and with --write keep it in the README."""

import sys
from collections.abc import Sequence

from carbon.charts.blocks import filled
from carbon.home import ROOT

README = ROOT / "README.md"
TITLES = {
    "startup": "How long it takes",
    "fast": "How long `tools/test --fast` takes when nothing has changed",
    "memory": "What it needs when idle",
    "logging": "How fast MLflow logs",
    "feast": "How fast features are read",
    "ray": "How fast Ray runs a task",
    "check": "How fast charts are checked",
}
"""The README's blocks and their headings; one without a measurement has neither."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def report(name: str, text: str) -> None:
    """Print `text`; with --write among the arguments it becomes the README's block `name`."""
    print(text, end="")
    if "--write" in sys.argv:
        block = f"### {TITLES[name]}\n\n{text}"
        README.write_text(filled(README.read_text(encoding="utf-8"), {name: block}), "utf-8")
