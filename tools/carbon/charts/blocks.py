"""Generated parts of files that are else written by hand, between `begin` and `end` comments."""

import re
from collections.abc import Mapping, Sequence

from carbon.charts.discovery import Chart
from carbon.errors import CarbonError


def filled(text: str, blocks: Mapping[str, str]) -> str:
    """A text with each block's content replaced; other blocks stay as they are.

    Raises:
        CarbonError: the text has no such block.
    """
    for name, content in blocks.items():
        around = re.compile(rf"(?<=<!-- begin {name}\b)(.*?-->\n).*?(?=<!-- end {name} -->)", re.S)
        found = around.search(text)
        if found is None:
            raise CarbonError(
                f"there is no block {name}",
                f"Write <!-- begin {name} --> and <!-- end {name} --> where it belongs.",
            )
        text = text[: found.start()] + found[1] + content + text[found.end() :]
    return text


def chart_table(charts: Sequence[Chart], beside: str) -> str:
    """A Markdown table of charts; `beside` is the way from the file to the folder charts/."""
    rows = [
        f"| [{c.name}]({beside}charts/{c.folder.name}/README.md) | {c.description} |\n"
        for c in charts
    ]
    return "| chart | what it installs |\n|---|---|\n" + "".join(rows)
