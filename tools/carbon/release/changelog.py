"""Writes what a release changes: a section of CHANGELOG.md, and annotations for Artifact Hub.

CHANGELOG.md begins with the section Unreleased, where contributors list what they add. A release
takes the list into a section of its own, with what the upgrade check finds below.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from textwrap import fill, shorten

from carbon.errors import CarbonError
from carbon.release.index import PLATFORM
from carbon.upgrade.findings import Finding, Severity

UNRELEASED = "## Unreleased\n"
CHANGES = "artifacthub.io/changes"
"""Annotation of Chart.yaml with a release's changes, a list in YAML."""
_HEADINGS = {
    Severity.BREAKING: "Breaks the upgrade from {}",
    Severity.PERSON: "Needs a decision before the upgrade from {}",
    Severity.RESTART: "Pods that restart in the upgrade from {}",
}
"""Severity of findings -> heading. Notes change nothing for a person who upgrades."""
_FIELDS = 4
"""Maximum number of fields that one entry lists."""
_CHARACTERS = 250
"""Maximum number of characters of what changes."""
_TEXTS = 3
"""Maximum number of texts about one chart's values with one remedy."""
_MOST = 20
"""Maximum number of a chart's changes in its annotation."""
_WIDTH = 120
"""Maximum number of characters of a line, where the text has a space."""


def add_section(text: str, version: str, day: date, since: str, findings: Sequence[Finding]) -> str:
    """Return the text of CHANGELOG.md with the section of a release, which replaces an older one.

    Args:
        text: the text, with the section Unreleased.
        version: the release.
        day: the day of the release.
        since: the release that the findings compare with.
        findings: what the upgrade check finds.

    Raises:
        CarbonError: the text has no section Unreleased.
    """
    notes = "".join(_wrap("- ", note) for note in list_notes(text, version))
    blocks = [f"## {version} ({day})\n", notes]
    for severity, heading in _HEADINGS.items():
        lines = [_wrap("- ", line) for _, line in describe_findings(findings, severity)]
        blocks.append(f"### {heading.format(since)}\n\n{''.join(lines)}" if lines else "")
    section = "\n".join(block for block in blocks if block)
    rest = _match_section(version).sub("", text)
    _, released = _split_unreleased(rest)
    before = rest.partition(UNRELEASED)[0]
    return f"{before}{UNRELEASED}\n{section}\n{released}".rstrip() + "\n"


def _wrap(first: str, text: str, width: int = _WIDTH) -> str:
    """Return lines of a text; the first line begins with `first`, the others with spaces."""
    lines = fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{lines}\n"


def list_notes(text: str, version: str) -> list[str]:
    """Return the notes in the section Unreleased, and those of a version that has a section.

    Raises:
        CarbonError: the text has no section Unreleased.
    """
    again = _match_section(version).search(text)
    notes = (again[0] if again else "").partition("\n### ")[0]
    listed = [_split_unreleased(text)[0], notes]
    return [
        " ".join(note.split()) for part in listed for note in re.split(r"^- ", part, flags=re.M)[1:]
    ]


def _split_unreleased(text: str) -> tuple[str, str]:
    """Return the section Unreleased without its heading, and the sections of the releases."""
    if UNRELEASED not in text:
        raise CarbonError(
            "CHANGELOG.md has no section Unreleased",
            f"Write the line {UNRELEASED.strip()!r} above the newest release.",
        )
    after = text.partition(UNRELEASED)[2]
    start = re.search(r"^## ", after, flags=re.M)
    return (after[: start.start()], after[start.start() :]) if start else (after, "")


def _match_section(version: str) -> re.Pattern[str]:
    return re.compile(rf"^## {re.escape(version)} \(.*?(?=^## |\Z)", re.M | re.S)


def describe_findings(
    findings: Iterable[Finding], severity: Severity
) -> list[tuple[set[str], str]]:
    """Return charts and text of each change of a severity.

    Fields of one object that change alike are in one text. A restart is the object alone. A chart
    whose values change in many ways has one text, which refers to the upgrade check.
    """
    subjects: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        if each.severity is severity:
            subjects.setdefault((each.subject, _get_remedy(each)), []).append(each)
    described = []
    for (subject, remedy), listed in sorted(subjects.items()):
        charts = {each.chart for each in listed}
        charts |= {case.partition(":")[0] for each in listed for case in each.cases}
        described += [(charts, text) for text in _describe_subject(subject, remedy, listed)]
    return described


def _get_remedy(finding: Finding) -> str:
    """Return what a user does about a finding; nothing about a restart, whose object is listed."""
    return "" if finding.severity is Severity.RESTART else finding.remedy


def _is_about_values(subject: str) -> bool:
    """Return whether a finding's subject is a chart, not an object such as Service/mlflow."""
    return "/" not in subject


def _describe_subject(subject: str, remedy: str, findings: Sequence[Finding]) -> Iterator[str]:
    fields: dict[str, list[str]] = {}
    for each in findings:
        restart = each.severity is Severity.RESTART
        listed = fields.setdefault("" if restart else each.what, [])
        if each.field and each.field not in listed and not restart:
            listed.append(each.field)
    if len(fields) > _TEXTS and _is_about_values(subject):
        keys = sorted({field for listed in fields.values() for field in listed})
        what = "accepts fewer values of these keys; `carbon upgrade-check` lists them"
        fields = {what: [key for key in keys if not key.startswith("global.")] or keys}
    for what, listed in sorted(fields.items()):
        yield " ".join(_list_words(subject, sorted(listed), what, remedy))


def build_changes(chart: str, since: str, notes: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return the annotation of a chart with its changes, as YAML; empty without changes.

    Args:
        chart: name of the chart.
        since: the release that the findings compare with.
        notes: what contributors list; only the umbrella has them, which contains all charts.
        findings: what the upgrade check finds.
    """
    texts = list(notes) if chart == PLATFORM else []
    for severity, heading in _HEADINGS.items():
        described = describe_findings(findings, severity)
        restart = severity is Severity.RESTART
        whole = chart == PLATFORM and not restart
        found = [text for charts, text in described if whole or chart in charts]
        if restart and found:
            found = [", ".join(found)]
        texts += [f"{heading.format(since)}: {text}" for text in found]
    if len(texts) > _MOST:
        texts[_MOST:] = [f"CHANGELOG.md lists {len(texts) - _MOST} more changes."]
    # Chart.yaml indents the annotation by four spaces.
    folded = [_wrap("    ", text.replace("`", ""), _WIDTH - 4) for text in texts]
    return "".join(f"- kind: changed\n  description: >-\n{lines}" for lines in folded)


def _list_words(subject: str, fields: Sequence[str], what: str, remedy: str) -> Iterable[str]:
    yield f"`{subject}`"
    if fields:
        more = [f"{len(fields) - _FIELDS} more"] if len(fields) > _FIELDS else []
        yield f"({', '.join([*(f'`{field}`' for field in fields[:_FIELDS]), *more])})"
    if what:
        short = shorten(what, _CHARACTERS, placeholder=" …")
        yield short if short.endswith((".", "…")) else f"{short}."
    if remedy:
        yield remedy
