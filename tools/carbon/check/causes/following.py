"""Folds each finding that follows from another finding into that finding, which names it.

A failed test follows from another finding about the same chart. Of several findings about one
changed line, one remains: the line is one mistake.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from carbon.check.findings import Finding
from carbon.check.reverts.suites import read_template

_FOLLOWING = ("suites/", "render/identical")
_UNTESTED = ("values/", "prose/", "schema/", "exceptions/", "checkov/", "kube-score/", "suites/")
"""Rules from whose findings no failed test follows."""
_FIRST = "schema/defaults"
"""The rule whose remedy is the first step for a new key of the values."""
_LATE = ("suites/", "checkov/", "kube-score/", "schema/current", "render/identical")
"""Rules whose messages say less about a mistake than those of other rules."""
SHOWN = 5
"""Maximum number of findings that a finding names."""


def fold_following(
    sources: Mapping[Finding, Collection[str]], changed: Collection[tuple[str, int]] = ()
) -> Iterator[tuple[Finding, list[Finding]]]:
    """Yield the findings that follow from no other, each with itself and its followers.

    The message of a finding names its followers. A failed test follows from another finding, or
    from a failed test with the same cause.

    Args:
        sources: the findings, each with the files of the templates of its objects.
        changed: file and line of each change of the checkout.
    """
    hosts = [each for each in sources if not each.rule.startswith((*_UNTESTED, *_FOLLOWING))]
    heads: dict[tuple[str, int], Finding] = {}
    for each in sorted(sources, key=lambda e: (e.rule.startswith(_LATE), e.rule != _FIRST)):
        if (each.file, each.line) in changed or each.rule.startswith(_FOLLOWING):
            heads.setdefault((each.file, each.line), each)
    followers: dict[Finding, list[Finding]] = {}
    for each in sources:
        host = each
        if each.rule.startswith(_FOLLOWING):
            host = _find_host(each, hosts, sources) or each
        host = heads.get((host.file, host.line), host)
        followers.setdefault(host, []).extend([each] if host is not each else [])
    for host, some in followers.items():
        yield _describe(host, some), [host, *some]


def _find_host(
    finding: Finding, hosts: Iterable[Finding], sources: Mapping[Finding, Collection[str]]
) -> Finding | None:
    """Return the finding from which a failed test follows.

    That is a finding at the line of the test, or else one about the template that the test renders,
    or else one in a file that every template of the chart can read.
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
