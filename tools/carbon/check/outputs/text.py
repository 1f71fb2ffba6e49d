"""For people: each finding as it comes, then charts by checks."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from carbon.check.engine.report import Report
from carbon.check.findings import Finding


def format_finding(each: Finding) -> str:
    """One finding: where, which rule, what, with which values, what to do."""
    with_values = f" [dim]({escape(f'{each.chart}: {each.case}')})[/]" if each.chart else ""
    first, *rest = each.what.splitlines() or [""]
    lines = [
        f"[red]✗[/] [bold]{escape(each.file)}:{each.line}[/] [cyan]{escape(each.rule)}[/]",
        f"  {escape(first)}{with_values}",
        *(f"    {escape(line)}" for line in rest),
        f"  [yellow]→[/] {escape(each.remedy)}",
    ]
    return "\n".join(lines)


def make_table(report: Report) -> Table:
    """Charts by checks, and what was counted."""
    grid = Table(box=None, header_style="dim", pad_edge=False)
    grid.add_column("chart")
    for name in report.checks:
        grid.add_column(name, justify="center")
    deep = ("sets", "leaves") if "deep" in report.checks else ()
    for name in ("renders", "objects", "tests", *deep, "release"):
        grid.add_column(name, justify="right", style="dim")
    for chart in report.charts:
        counts = report.counts.get(chart, {})
        marks = [_mark(report.broken(chart, check)) for check in report.checks]
        size = f"{counts['bytes'] / 1024:.0f} KiB" if "bytes" in counts else ""
        numbers = (str(counts.get(name, "")) for name in ("renders", "objects", "tests", *deep))
        grid.add_row(chart, *marks, *numbers, size)
    return grid


def _mark(broken: int) -> str:
    return f"[red]✗ {broken}[/]" if broken else "[green]✓[/]"


def show(report: Report, out: Console) -> None:
    """Print the table and the total."""
    out.print(make_table(report))
    excused = f", {len(report.excused)} excused" if report.excused else ""
    reused = f"{report.reused} of {report.tasks} results from the cache"
    versions = f"Kubernetes {report.minors[0]}-{report.minors[-1]}, Helm 3 and 4"
    verdict = (
        "[green]conforms[/]" if not report.findings else f"[red]{len(report.findings)} findings[/]"
    )
    out.print(f"{verdict}{excused} [dim]· {versions} · {reused} · {report.seconds:.1f} s[/]")
