"""The line of a chart at which a violation is reported, before its cause is traced."""

from pathlib import Path

from carbon.charts.discovery import Chart
from carbon.check.findings import KeyPath, Violation
from carbon.check.sources.lines import (
    find_below,
    find_in_template,
    find_query,
    find_quote,
    find_similar,
    find_template,
)


def find_place(chart: Chart, violation: Violation) -> tuple[Path, int, KeyPath]:
    """Return file and line of a violation, and the path of the field whose cause is traced.

    The path is empty if the line of the cause is known.
    """
    source = violation.object.source
    if violation.quote and (quoted := find_quote(chart, source, *violation.quote)):
        return *quoted, ()
    path = find_template(chart, source)
    if violation.text:
        first, *below = violation.text.split("\n")
        query = first.removeprefix("expr: ")
        line = find_similar(path, first) if query == first else find_query(path, query)
        for text in below:
            line = find_below(path, text, line)
        return path, line, violation.path
    return path, find_in_template(path, violation.path, violation.object.kind), violation.path
