"""The report as text and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape

from carbon.upgrade.findings import ORDER, Finding, Severity
from carbon.upgrade.run import Report
from carbon.upgrade.versions import find_bump, is_enough, raise_version

_COLORS = {
    Severity.BREAKING: "red",
    Severity.PERSON: "yellow",
    Severity.RESTART: "cyan",
    Severity.NOTE: "dim",
}
_WIDTH = 60
"""Maximum number of characters of a value in the text."""


def print_report(report: Report, out: Console) -> None:
    """Print the findings, the most serious first, and a summary."""
    for each in report.findings:
        out.print(format_finding(each))
    counts = ", ".join(
        f"{number} {severity.value}"
        for severity in ORDER
        if (number := sum(f.severity == severity for f in report.findings))
    )
    for line in _describe_version(report):
        out.print(line)
    out.print(
        f"[bold]{escape(report.old.label)} → {escape(report.new.label)}[/]: "
        f"{counts or 'nothing changes'} [dim]· {report.cases} cases, {report.reused} from the "
        f"cache · {report.seconds:.1f} s[/]"
    )


def _describe_version(report: Report) -> Iterator[str]:
    """Yield the line about the least version of the new release."""
    if report.reverse or not report.findings:
        return
    least, declared = find_least_version(report), report.new.version
    if not least:
        return
    needed = f"these changes need at least {least} after {report.old.version}"
    if is_enough(declared, least):
        yield f"[green]✓[/] version {declared}: {needed}"
    else:
        yield f"[red]✗[/] version {declared} is too small: {needed}"


def find_least_version(report: Report) -> str:
    """Return the least version of the new release; empty if a version is not semantic."""
    try:
        is_enough(report.new.version, report.old.version)
        return raise_version(report.old.version, find_bump(report.findings))
    except ValueError:
        return ""


def format_finding(each: Finding) -> str:
    """Return one finding: severity, object, field, values, reason and remedy."""
    color = _COLORS[each.severity]
    field = f" [bold]{escape(each.field)}[/]" if each.path else ""
    lines = [
        f"[{color}]{each.severity.value}[/] {escape(each.subject)}{field} "
        f"[cyan]{escape(each.rule)}[/] [dim]({escape(_format_cases(each))})[/]",
        f"  {escape(each.what)}{escape(_format_values(each))}",
        f"  {escape(each.why)}",
    ]
    if each.remedy:
        lines.append(f"  [yellow]→[/] {escape(each.remedy)}")
    return "\n".join(lines)


def _format_cases(each: Finding) -> str:
    shown = ", ".join(each.cases[:3])
    return shown + (f" and {len(each.cases) - 3} more" if len(each.cases) > 3 else "")


def _format_values(each: Finding) -> str:
    if each.old is None and each.new is None:
        return ""
    return f": {_shorten(each.old)} → {_shorten(each.new)}"


def _shorten(value: Any) -> str:
    text = "unset" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def write_json(report: Report) -> str:
    """Return the report as JSON."""
    least = "" if report.reverse else find_least_version(report)
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
