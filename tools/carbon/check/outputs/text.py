"""The report as text: each finding at once, then a table of charts and checks."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from carbon.check.engine.report import Report
from carbon.check.findings import Finding


def format_finding(each: Finding) -> str:
    """Return one finding: file and line, rule, error, case and remedy."""
    with_values = f" [dim]({escape(f'{each.chart}: {each.case}')})[/]" if each.chart else ""
    first, *rest = each.what.splitlines() or [""]
    lines = [
        f"[red]✗[/] [bold]{escape(each.file)}:{each.line}[/] [cyan]{escape(each.rule)}[/]",
        f"  {escape(first)}{with_values}",
        *(f"    {escape(line)}" for line in rest),
        f"  [yellow]→[/] {escape(each.remedy)}",
    ]
    return "\n".join(lines)


SLOW = {"keys": "leaves", "deep": "sets"}
"""Check that is slow -> the count that the table shows for it."""


def make_table(report: Report) -> Table:
    """Return the table of charts and checks, with counts."""
    grid = Table(box=None, header_style="dim", pad_edge=False)
    grid.add_column("chart")
    for name in report.checks:
        grid.add_column(name, justify="center")
    slow = [count for check, count in SLOW.items() if check in report.checks]
    for name in ("renders", "objects", "tests", *slow, "release"):
        grid.add_column(name, justify="right", style="dim")
    for chart in report.charts:
        counts = report.counts.get(chart, {})
        marks = [_format_mark(report.count_findings(chart, check)) for check in report.checks]
        size = f"{counts['bytes'] / 1024:.0f} KiB" if "bytes" in counts else ""
        numbers = (str(counts.get(name, "")) for name in ("renders", "objects", "tests", *slow))
        grid.add_row(chart, *marks, *numbers, size)
    return grid


def _format_mark(number: int) -> str:
    return f"[red]✗ {number}[/]" if number else "[green]✓[/]"


def print_report(report: Report, out: Console) -> None:
    """Print the table and the totals."""
    out.print(make_table(report))
    if report.upgrade:
        out.print(f"[dim]{escape(str(report.upgrade))}[/]")
    excused = f", {len(report.excused)} excused" if report.excused else ""
    reused = f"{report.reused} of {report.tasks} results from the cache"
    seed = f"seed {report.seed} · " if "deep" in report.checks else ""
    versions = f"Kubernetes {report.minors[0]}-{report.minors[-1]}, Helm 3 and 4"
    number = len(report.findings)
    found = f"[red]{number} finding{'s' if number > 1 else ''}[/]"
    verdict = found if number else "[green]conforms[/]"
    out.print(f"{verdict}{excused} [dim]· {seed}{versions} · {reused} · {report.seconds:.1f} s[/]")
