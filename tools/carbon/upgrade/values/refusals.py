"""Values that a version of a chart refuses, as findings."""

import re
from collections.abc import Iterator

from carbon.upgrade.findings import Finding, Severity

_LINE = re.compile(r"^\s*- (?:at '(?P<pointer>[^']*)': )?(?:(?P<key>[\w][\w./-]*): )?(?P<what>.+)$")
"""A line of the message: of Helm's validation with a pointer, or of a values check with a key."""
_CHART = re.compile(r"^\s*([\w-]+):\s*$|The values of chart ([\w-]+) can't work")
_NOISE = re.compile(r"\s*Use --debug flag to render out invalid YAML\s*")
_CALL = re.compile(r"execution error at \([^)]*\): ")


def list_refusals(message: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield chart, key and reason of each value that Helm or a chart refuses in a message.

    The chart is empty if the message does not name it; the key is empty if there is none.
    """
    text = _NOISE.sub("", message.partition("Error: ")[2] or message)
    chart, found = "", False
    for line in text.splitlines():
        if named := _CHART.search(line):
            chart = named[1] or named[2]
        elif (match := _LINE.match(line)) and match["what"] != "validation failed":
            found = True
            pointer = [part.replace("~1", "/") for part in (match["pointer"] or "").split("/")]
            keys = pointer[1:] if match["pointer"] else (match["key"] or "").split(".")
            yield chart, tuple(key for key in keys if key), match["what"]
    if not found:
        yield chart, (), _CALL.sub("", " ".join(text.split()))


def report_refused(chart: str, message: str) -> Iterator[Finding]:
    """Yield a finding for each value that only the new version refuses."""
    for name, path, what in list_refusals(message):
        yield Finding(
            "values/refused",
            Severity.BREAKING,
            name or chart,
            path,
            f"refuses values that the old version accepts: {what}",
            "The upgrade fails before it changes an object.",
            "Accept the old values, or document which keys to change before the upgrade.",
        )


def report_new_values(chart: str, message: str, is_default: bool) -> Finding:
    """Return a note about a values file that the old version refuses.

    If these are the default values, the chart is not compared, which is more than a note.
    """
    name, path, what = next(list_refusals(message))
    return Finding(
        "case/not-compared",
        Severity.PERSON if is_default else Severity.NOTE,
        name or chart,
        path,
        f"the old version refuses the {'default ' if is_default else ''}values: {what}",
        "The chart does not render, so nothing is compared."
        if is_default
        else "The values exist in the new version only, so no upgrade starts from them.",
        "Correct the chart of the old version, or pass the version of Kubernetes that it supports."
        if is_default
        else "",
    )
