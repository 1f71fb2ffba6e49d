"""Findings that follow from another finding: a failed test of a chart with another finding.

A failed test is named in the finding that it follows from, and is no finding of its own. Failed
tests with the same cause are one finding.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from carbon.check.findings import Finding
from carbon.check.reverts.suites import read_template

_FOLLOWING = ("suites/", "render/identical")
_UNTESTED = ("values/", "prose/", "schema/", "exceptions/", "checkov/", "kube-score/", "suites/")
"""Rules about what no test of a chart reads."""
SHOWN = 5
"""Failed tests that a finding names."""


def fold_following(
    sources: Mapping[Finding, Collection[str]],
) -> Iterator[tuple[Finding, list[Finding]]]:
    """Yield each finding with itself and those that follow from it, which its message names.

    A failed test follows from another finding, or from a failed test with the same cause.

    `sources` are the findings, each with the files of the templates of its objects.
    """
    hosts = [each for each in sources if not each.rule.startswith((*_UNTESTED, *_FOLLOWING))]
    tests: dict[tuple[str, int], Finding] = {}
    followers: dict[Finding, list[Finding]] = {}
    for each in sources:
        follows = each.rule.startswith(_FOLLOWING)
        host = _find_host(each, hosts, sources) if follows else None
        if follows and host is None:
            first = tests.setdefault((each.file, each.line), each)
            host = first if first is not each else None
        followers.setdefault(host or each, []).extend([each] if host else [])
    for host, some in followers.items():
        yield _describe(host, some), [host, *some]


def _find_host(
    finding: Finding, hosts: Iterable[Finding], sources: Mapping[Finding, Collection[str]]
) -> Finding | None:
    """Return the finding from which a failed test follows.

    That is a finding about the template that the test renders, at the same line, or in a file that
    every template of the chart may read.
    """
    own = [host for host in hosts if host.chart == finding.chart]
    if finding.rule == "suites/pytest" or finding.rule == "render/identical":
        return next(iter(own), None)
    template = read_template(finding.what).partition("/")[2]

    def ends_with(file: str) -> bool:
        return bool(template) and file.endswith(template.removeprefix("charts/"))

    for host in own:
        if (host.file, host.line) == (finding.file, finding.line):
            return host
    for host in own:
        if any(map(ends_with, (host.file, *sources[host]))):
            return host
    return next((host for host in own if _is_shared(host.file) or host.file == finding.file), None)


def _is_shared(file: str) -> bool:
    name = PurePath(file).name
    return name in {"Chart.yaml", "values.yaml"} or name.startswith("_")


def _describe(host: Finding, followers: list[Finding]) -> Finding:
    if not followers:
        return host
    names = [f"{each.rule}: {each.what.partition(chr(10))[0]}" for each in followers]
    more = [f"… and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return replace(host, what="\n".join([host.what, "also fails:", *names[:SHOWN], *more]))
