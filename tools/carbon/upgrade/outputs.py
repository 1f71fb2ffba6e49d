"""The report as text and as JSON."""

import json
from collections.abc import Iterator
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
SHOWN = 6
"""Maximum number of fields that are printed for findings with one reason."""
_INDENT = " " * 4
_WIDTH = 60
"""Maximum number of characters of a value in the text."""


def print_report(report: Report, out: Console) -> None:
    """Print the findings, the most serious first, and a summary.

    Findings that differ in their object or field only are printed once, with all fields.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for each in report.findings:
        groups.setdefault(_get_group(each), []).append(each)
    for group in groups.values():
        out.print(format_group(group))
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


def _get_group(each: Finding) -> tuple[object, ...]:
    """Return what findings share that are printed as one."""
    if each.severity == Severity.RESTART:
        return each.severity, each.rule, each.subject, each.why
    values = _format_values(each)
    return each.severity, each.rule, each.what, each.why, each.remedy, values


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


def format_group(group: list[Finding]) -> str:
    """Return findings that are printed as one: fields, values, reason and remedy."""
    first = group[0]
    color = _COLORS[first.severity]
    restart = first.severity == Severity.RESTART
    if restart:
        lines = [f"[{color}]{first.severity.value}[/] {_format_place(first, field=False)}"]
        lines += [f"  [bold]{escape(each.field)}[/] {_format_change(each)}" for each in group]
    else:
        lines = [f"[{color}]{first.severity.value}[/] {_format_place(first)}"]
        lines += [f"{_INDENT}{_format_place(each)}" for each in group[1:SHOWN]]
        if len(group) > SHOWN:
            rest = len(group) - SHOWN
            lines.append(f"{_INDENT}… and {rest} more fields; --output json lists all")
        lines.append(f"  {_format_change(first)}")
    lines.append(f"  {escape(first.why)}")
    if first.remedy:
        lines.append(f"  [yellow]→[/] {escape(first.remedy)}")
    return "\n".join(lines)


def _format_place(each: Finding, field: bool = True) -> str:
    """Return object, field, rule and cases of a finding."""
    path = f" [bold]{escape(each.field)}[/]" if each.path and field else ""
    shown = ", ".join(each.cases[:2])
    shown += f" and {len(each.cases) - 2} more" if len(each.cases) > 2 else ""
    cases = f" [dim]({escape(shown)})[/]" if shown else ""
    return f"{escape(each.subject)}{path} [cyan]{escape(each.rule)}[/]{cases}"


def _format_change(each: Finding) -> str:
    return f"{escape(each.what)}{escape(_format_values(each))}"


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
