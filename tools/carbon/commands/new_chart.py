"""`carbon new-chart`: creates a chart from the template in tools/chart-template."""

import sys
from collections import Counter
from typing import Annotated

import typer
from rich.table import Table

from carbon.app import app
from carbon.console import out
from carbon.files import format_path
from carbon.home import ROOT
from carbon.scaffold.create import create_chart
from carbon.scaffold.names import check_name
from carbon.scaffold.owners import OWNERS, count_lines
from carbon.scaffold.template import Answers


@app.command("new-chart")
def new_chart(
    name: Annotated[str, typer.Argument(help="Name of the chart, such as price-alerts.")],
    title: Annotated[
        str | None,
        typer.Option(help="Name of the server in texts, such as Price alerts. Default: from NAME."),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="What the chart installs, on one line without a period.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the server. Default: 8080.")] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: use the default of each option.")
    ] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="Count the lines of the existing chart NAME by owner.")
    ] = False,
) -> None:
    """Create a chart of a server, with everything that `carbon check` asks for.

    The chart runs a small HTTP server. The command asks for options that are not given, if it runs
    in a terminal.
    """
    if lines:
        _print_lines(count_lines(ROOT, name))
        return
    check_name(ROOT, name)
    asks = sys.stdin.isatty() and not defaults

    def ask(given: str | None, question: str, default: str) -> str:
        return given or (str(typer.prompt(question, default=default)) if asks else default)

    title = ask(title, "Name of the server in texts", name.replace("-", " ").capitalize())
    description = ask(description, "What the chart installs", f"{title}, an HTTP server")
    number = port or (typer.prompt("Port of the server", default=8080) if asks else 8080)
    paths = create_chart(ROOT, Answers(name, title, description, number))
    for path in paths:
        out.print(f"[green]✓[/] {format_path(path)}")
    out.print(f"Check the chart: .venv/bin/carbon check {name} 254carbon")


def _print_lines(counts: dict[str, Counter[str]]) -> None:
    table = Table("file", *OWNERS, box=None, header_style="dim")
    for file, count in counts.items():
        table.add_row(file, *(str(count[owner] or "") for owner in OWNERS))
    total = sum(counts.values(), Counter[str]())
    table.add_row("all files", *(str(total[owner]) for owner in OWNERS), style="bold")
    out.print(table)
