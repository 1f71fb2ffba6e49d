"""`carbon new-chart`: creates, updates and removes charts of the chart template."""

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from carbon.app import app
from carbon.completion import offer
from carbon.console import err, out
from carbon.errors import CarbonError
from carbon.files import format_path
from carbon.home import ROOT
from carbon.scaffold.create import create_chart
from carbon.scaffold.drift import list_charts
from carbon.scaffold.names import check_kind, check_name, check_port, check_text
from carbon.scaffold.owners import OWNERS, count_lines
from carbon.scaffold.remove import remove_chart
from carbon.scaffold.rename import find_mentions, rename_chart
from carbon.scaffold.template import KINDS, Answers, derive_description, derive_title
from carbon.scaffold.update import update_charts

T = TypeVar("T", str, int)


@app.command("new-chart")
def new_chart(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of the chart, such as price-alerts.",
            autocompletion=offer(lambda: list_charts(ROOT)),
        ),
    ] = "",
    *,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Kind of the chart: server (Deployment), store (StatefulSet with a volume and "
            "backups) or job (CronJob). Default: server."
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="Name of the chart in texts, such as Price alerts. Default: from NAME."),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="What the chart installs, on one line without a period.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the server or store. Default: 8080.")
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: use the default of each option.")
    ] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Merge changes of the template into the existing chart NAME. Default: all charts.",
        ),
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the existing chart NAME and its entries.")
    ] = False,
    rename: Annotated[
        str | None,
        typer.Option(
            metavar="NEW", help="Rename the existing chart NAME to NEW, with its entries."
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Count the lines of the existing chart NAME by owner.")
    ] = False,
) -> None:
    """Create a chart from tools/chart-template; `carbon check` accepts it at once.

    The chart runs a small HTTP server, a small store or a small job. The command asks for options
    that are not given, if it runs in a terminal.
    """
    answers = {"--kind": kind, "--title": title, "--description": description, "--port": port}
    given = [option for option, answer in answers.items() if answer is not None]
    actions = {"--lines": lines, "--update": update, "--remove": remove, "--rename": rename}
    chosen = [option for option, choice in actions.items() if choice not in (False, None)]
    if len(chosen) > 1 or (chosen and given):
        raise CarbonError(
            f"{' and '.join(chosen + given)} are not possible together",
            f"Pass one of {', '.join(actions)}, without {', '.join(answers)}.",
        )
    if not name and not update:
        raise CarbonError("no chart is named", "Pass a name, such as price-alerts; see --help.")
    if lines:
        _print_lines(count_lines(ROOT, name))
        return
    if update:
        _update([name] if name else list_charts(ROOT))
        return
    if remove:
        _print_paths(remove_chart(ROOT, name))
        return
    if rename is not None:
        _print_paths(rename_chart(ROOT, name, rename))
        for path in find_mentions(ROOT, name):
            out.print(f"{path} still contains {name}")
        return
    check_name(ROOT, name)
    asks = sys.stdin.isatty() and not defaults

    def ask(given: T | None, question: str, default: T, check: Callable[[T], None]) -> T:
        answer = default if given is None else given
        while given is None and asks:
            answer = typer.prompt(question, default=default)
            try:
                check(answer)
                break
            except CarbonError as refused:
                err.print(f"[red]✗[/] {escape(refused.what)}. {escape(refused.remedy)}")
        check(answer)
        return answer

    kind = ask(kind, f"Kind of the chart ({', '.join(KINDS)})", "server", check_kind)
    title = ask(
        title, "Name of the chart in texts", derive_title(name), partial(check_text, "title")
    )
    what = derive_description(kind, title)
    description = ask(
        description, "What the chart installs", what, partial(check_text, "description")
    )
    if port is not None or kind != "job":
        port = ask(port, "Port", 8080, partial(check_port, kind))
    _print_paths(create_chart(ROOT, Answers(name, kind, title, description, port or 0)))
    out.print(f"Check the chart: .venv/bin/carbon check {name} 254carbon")


def _update(names: list[str]) -> None:
    paths, conflicts = update_charts(ROOT, names)
    _print_paths(paths)
    if conflicts:
        raise CarbonError(
            f"the chart and the template both changed these lines: {', '.join(conflicts)}",
            "Resolve the conflicts in the files as after `git merge`, then run `carbon generate`.",
        )
    out.print(f"{', '.join(names) or 'no chart'}: up to date with the template")


def _print_paths(paths: list[Path]) -> None:
    for path in paths:
        mark = "[green]✓[/]" if path.exists() else "[red]-[/]"
        out.print(f"{mark} {format_path(path)}")


def _print_lines(counts: dict[str, Counter[str]]) -> None:
    table = Table("file", *OWNERS, box=None, header_style="dim")
    for file, count in counts.items():
        table.add_row(file, *(str(count[owner] or "") for owner in OWNERS))
    total = sum(counts.values(), Counter[str]())
    table.add_row("all files", *(str(total[owner]) for owner in OWNERS), style="bold")
    out.print(table)
