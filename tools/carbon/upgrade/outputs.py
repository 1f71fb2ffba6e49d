"""The report as text and as JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape

from carbon.upgrade.findings import ORDER, Finding, Severity
from carbon.upgrade.run import Report
from carbon.upgrade.versions import find_bump, find_least_version, is_enough

_COLORS = {
    Severity.BREAKING: "red",
    Severity.PERSON: "yellow",
    Severity.RESTART: "cyan",
    Severity.NOTE: "dim",
}
_SHOWN = 3
"""Maximum number of fields that are printed for findings that differ in their field only."""
_INDENT = " " * 4
_WIDTH = 60
"""Maximum number of characters of a value in the text."""

Group = list[Finding]
"""Findings that are printed as one."""


def print_report(report: Report, out: Console) -> None:
    """Print the findings, the most serious first, and a summary.

    Findings with the same reason and remedy are one block, which ends with both. In a block,
    findings that differ in their object or field only are printed as one.
    """
    for block in list_blocks(report.findings):
        out.print(format_block(block, report.new.main.name), end="\n\n")
    counts = ", ".join(
        f"{number} {severity.value}"
        for severity in ORDER
        if (number := sum(f.severity == severity for f in report.findings))
    )
    for line in _describe_version(report):
        out.print(line)
    word = "rollback" if report.reverse else "upgrade"
    out.print(
        f"[bold]{word} {escape(report.old.label)} → {escape(report.new.label)}[/]: "
        f"{counts or 'nothing changes'} [dim]· {report.cases} cases, {report.reused} from the "
        f"cache · {report.seconds:.1f} s[/]"
    )


def list_blocks(findings: Iterable[Finding]) -> list[list[Group]]:
    """Return the groups of findings of each block, in the order of the findings."""
    blocks: dict[tuple[object, ...], dict[tuple[object, ...], Group]] = {}
    for each in findings:
        block = blocks.setdefault((each.severity, each.why, each.remedy), {})
        block.setdefault(_get_group(each), []).append(each)
    return [list(block.values()) for block in blocks.values()]


def _get_group(each: Finding) -> tuple[object, ...]:
    """Return what findings of a block share that are printed as one."""
    if _is_restart(each):
        return each.rule, each.subject
    return each.rule, each.what, _format_values(each)


def _is_restart(each: Finding) -> bool:
    """Return whether a finding is one reason among several for which pods restart."""
    return each.rule.startswith("restart/")


def _describe_version(report: Report) -> Iterator[str]:
    """Yield the line about the least version of the new release."""
    if report.reverse or not report.findings:
        return
    least = find_least_version(report.old.version, report.findings)
    declared = report.new.version
    if not least:
        return
    needed = f"these changes need at least {least} after {report.old.version}"
    if is_enough(declared, least):
        yield f"[green]✓[/] version {declared}: {needed}"
    else:
        yield f"[red]✗[/] version {declared} is too small: {needed}"


def format_block(block: list[Group], main: str) -> str:
    """Return the groups of a block with their fields and values, then reason and remedy.

    `main` is the name of the main chart: if only CI values of another chart restart the pods of a
    workload, its changed fields are counted.
    """
    first = block[0][0]
    lines = [line for group in block for line in _format_group(group, main)]
    lines.append(f"  {escape(first.why)}")
    if first.remedy:
        lines.append(f"  [yellow]→[/] {escape(first.remedy)}")
    return "\n".join(lines)


def _format_group(group: Group, main: str) -> Iterator[str]:
    first = group[0]
    restart = _is_restart(first)
    place = _format_place(first, field=not restart)
    head = f"[{_COLORS[first.severity]}]{first.severity.value}[/] {place}"
    if restart and not any(case.startswith(f"{main}:") for each in group for case in each.cases):
        yield f"{head}: {len(group)} changed {'field' if len(group) == 1 else 'fields'}"
        return
    yield head
    if restart:
        yield from _format_reasons(group)
        return
    yield from (f"{_INDENT}{_format_place(each)}" for each in group[1:_SHOWN])
    if len(group) > _SHOWN:
        yield f"{_INDENT}… and {len(group) - _SHOWN} more fields; --output json lists all"
    yield f"  {escape(first.what)}{escape(_format_values(first))}"


def _format_reasons(group: Group) -> Iterator[str]:
    """Yield a line for each change of a pod template; one if several containers change alike."""
    alike: dict[tuple[object, ...], Group] = {}
    for each in group:
        alike.setdefault((each.path[-1], each.what, _format_values(each)), []).append(each)
    for first, *others in alike.values():
        more = f" (and {len(others)} more)" if others else ""
        values = "" if first.path[-1].startswith("checksum/") else _format_values(first)
        yield f"  [bold]{escape(first.field)}[/]{more} {escape(first.what)}{escape(values)}"


def _format_place(each: Finding, field: bool = True) -> str:
    """Return object, field, rule and cases of a finding."""
    path = f" [bold]{escape(each.field)}[/]" if each.path and field else ""
    shown = ", ".join(each.cases[:2])
    shown += f" and {len(each.cases) - 2} more" if len(each.cases) > 2 else ""
    cases = f" [dim]({escape(shown)})[/]" if shown else ""
    return f"{escape(each.subject)}{path} [cyan]{escape(each.rule)}[/]{cases}"


def _format_values(each: Finding) -> str:
    if each.old is None and each.new is None:
        return ""
    return f": {_shorten(each.old)} → {_shorten(each.new)}"


def _shorten(value: Any) -> str:
    text = "unset" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def write_json(report: Report) -> str:
    """Return the report as JSON."""
    least = "" if report.reverse else find_least_version(report.old.version, report.findings)
    whole = {
        "operation": "rollback" if report.reverse else "upgrade",
        "from": {"label": report.old.label, "version": report.old.version},
        "to": {"label": report.new.label, "version": report.new.version},
        "version": {
            "least": least,
            "bump": find_bump(report.findings).name.lower(),
            "enough": is_enough(report.new.version, least) if least else None,
        },
        "findings": [finding.to_dict() for finding in report.findings],
        "cases": report.cases,
        "from cache": report.reused,
        "seconds": round(report.seconds, 3),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, default=str)
