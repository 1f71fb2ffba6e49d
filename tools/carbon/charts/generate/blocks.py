"""Replaces generated blocks in files that are written by hand.

A block is the text between the comments `<!-- begin NAME … -->` and `<!-- end NAME -->`.
"""

import re
from collections.abc import Mapping, Sequence

from carbon.charts.discovery import Chart
from carbon.errors import CarbonError


def fill_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """Return a text with the content of the named blocks replaced.

    Raises:
        CarbonError: the text lacks a block.
    """
    for name, content in blocks.items():
        around = re.compile(rf"(?<=<!-- begin {name}\b)(.*?-->\n).*?(?=<!-- end {name} -->)", re.S)
        found = around.search(text)
        if found is None:
            raise CarbonError(
                f"there is no block {name} in the text that begins with {text[:40]!r}",
                f"Write the lines <!-- begin {name} --> and <!-- end {name} --> into this text.",
            )
        text = text[: found.start()] + found[1] + content + text[found.end() :]
    return text


def build_chart_table(charts: Sequence[Chart], beside: str) -> str:
    """Return a Markdown table of charts.

    `beside` is the path from the file with the table to the checkout, such as `../`.
    """
    rows = [
        f"| [{c.name}]({beside}charts/{c.folder.name}/README.md) | {c.description} |\n"
        for c in charts
    ]
    return "| chart | what it installs |\n|---|---|\n" + "".join(rows)
