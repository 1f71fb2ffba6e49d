"""Values that a version of a chart refuses, as findings."""

import re
from collections.abc import Iterator

from carbon.upgrade.findings import Finding, Severity

_LINE = re.compile(r"^\s*- (?:at '(?P<pointer>[^']*)': |(?P<key>\w[\w./-]*): )?(?P<what>.+)$")
"""A line of the message: of Helm's validation with a pointer, or of a values check with a key."""
_CHART = re.compile(r"^\s*([\w-]+):\s*$|The values of chart ([\w-]+) can't work")
_NOISE = re.compile(r"\s*Use --debug flag to render out invalid YAML\s*")
_CALL = re.compile(r"execution error at \([^)]*\): ")
_REMEDIES = (
    (r"additional properties (?P<key>.+) not allowed", "remove {key} from your values"),
    (r"false schema", "remove the key from your values"),
    (r"missing propert(?:y|ies) (?P<key>.+)", "set {key}"),
    (r"value must be (?P<word>.+)", "write {word}"),
    (r".* does not match pattern (?P<pattern>.+)", "write a text that matches {pattern}"),
    (r"got \S+, want (?P<type>.+)", "write a value of the type {type}"),
    (r"(?P<bound>\w+): got .+, want (?P<number>\S+)", "write a value with the {bound} {number}"),
)
"""What the validation of Helm states, and what a user does."""


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
        wrong, remedy = _split_remedy(what)
        yield Finding(
            "values/refused",
            Severity.BREAKING,
            name or chart,
            path,
            f"refuses values that the old version accepts: {wrong}",
            "The upgrade fails before it changes an object.",
            f"Before the upgrade, {remedy}.",
        )


def _split_remedy(what: str) -> tuple[str, str]:
    """Return what is wrong with a value, and what a user does.

    A values check of this project states both (`common.problem`), Helm's validation the first.
    """
    wrong, _, remedy = what.partition("; ")
    if remedy:
        return wrong, remedy
    for pattern, form in _REMEDIES:
        if match := re.fullmatch(pattern, what):
            return what, form.format(**match.groupdict())
    return what, "pass your values to `helm template` with the new version until it accepts them"


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
