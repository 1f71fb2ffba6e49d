"""`carbon test`: runs the tests of the requested tiers."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from carbon import externals
from carbon.app import app
from carbon.completion import offer
from carbon.console import err, out
from carbon.errors import CarbonError
from carbon.testing.outcome import Outcome, summarize
from carbon.testing.runner import Runner
from carbon.testing.tiers import STATIC, Plan, Tier, plan, read_tiers, select_externals

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "not run": "[yellow]-[/]"}
SHOWN = 150
"""Maximum number of lines of a failed suite's output that are shown."""


@app.command("test")
def run_tests(
    fast: Annotated[
        bool,
        typer.Option(
            "--fast", help="Run only the tier static, which needs no cluster and no root."
        ),
    ] = False,
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help="Run this tier, not static and core. `all` runs all tiers. Repeatable.",
            autocompletion=offer(lambda: [*read_tiers(), "all"]),
        ),
    ] = None,
) -> None:
    """Run the tests of the tiers static and core.

    Further tiers (options, ray, ops, …) run only with --tier. External programs that a tier needs
    are built first. The table at the end names the tiers that did not run, and why.
    """
    requested = [STATIC] if fast else tier or []
    chosen = plan(read_tiers(), requested, is_root=os.geteuid() == 0)
    outcomes = [outcome for each in chosen.runs for outcome in _run_tier(each)]
    _print_summary(outcomes, chosen)
    if any(o.failed for o in outcomes) or not any(o.passed for o in outcomes):
        raise typer.Exit(1)


def _run_tier(tier: Tier) -> list[Outcome]:
    programs = select_externals(tier.name, externals.table())
    try:
        externals.ensure_built(programs)
        runner = Runner(programs, _print_outcome)
    except CarbonError as missing:
        note = f"{missing.what} → {missing.remedy}"
        return [Outcome(tier.name, s.name, failed=1, notes=(note,)) for s in tier.suites]
    title = f"{tier.name}: {tier.purpose}"
    if not err.is_terminal:
        err.print(f"… {title}")
        return runner.run(tier)
    with err.status(f"{title} …"):
        return runner.run(tier)


def _print_outcome(outcome: Outcome, log: Path) -> None:
    mark = MARKS[outcome.state]
    err.print(f"{mark} {outcome.tier}: {outcome.suite} [dim]{outcome.seconds:.0f} s[/]")
    if outcome.failed:
        lines = log.read_text("utf-8", errors="replace").splitlines()
        omitted = [f"… (the whole output: {log})"] if len(lines) > SHOWN else []
        err.print(escape("\n".join([*omitted, *lines[-SHOWN:]])))


def _print_summary(outcomes: list[Outcome], chosen: Plan) -> None:
    table = Table(box=None, header_style="dim")
    for name in ("tier", "suite", "state", "passed", "failed"):
        table.add_column(name, justify="right" if name in ("passed", "failed") else "left")
    table.add_column("time", justify="right")
    table.add_column("not run because")
    for o in outcomes:
        counts = (str(o.passed), str(o.failed), f"{o.seconds:.0f} s")
        table.add_row(
            o.tier, o.suite, f"{MARKS[o.state]} {o.state}", *counts, escape("; ".join(o.notes))
        )
    for name, reason in chosen.skipped.items():
        table.add_row(name, "", f"{MARKS['not run']} not run", "", "", "", escape(reason))
    out.print(table)
    out.print(summarize(outcomes))
