"""`carbon test`: the tests, by tiers."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from carbon import externals
from carbon.app import app
from carbon.console import err, out
from carbon.errors import CarbonError
from carbon.testing.outcome import Outcome, total
from carbon.testing.runner import Runner
from carbon.testing.tiers import STATIC, Plan, Tier, needs, own, plan, tiers

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "not run": "[yellow]-[/]"}
SHOWN = 150
"""Lines of a failed suite's output that are shown."""


@app.command("test")
def run_tests(
    fast: Annotated[bool, typer.Option("--fast", help="Only what needs no cluster.")] = False,
    tier: Annotated[
        list[str] | None, typer.Option(help="A tier, or `all`; may be repeated.")
    ] = None,
) -> None:
    """Run the tests: static and core, and further tiers whose programs are built already."""
    there = tiers()
    rows = externals.table()
    wanted = [STATIC] if fast else tier or []
    missing = {
        name: [] if wanted else [n for n in own(name, rows) if not externals.is_ready(n)]
        for name in there
    }
    chosen = plan(there, missing, wanted, is_root=os.geteuid() == 0)
    outcomes = [outcome for each in chosen.runs for outcome in _run(each)]
    _summary(outcomes, chosen)
    if any(o.failed for o in outcomes) or not any(o.passed for o in outcomes):
        raise typer.Exit(1)


def _run(tier: Tier) -> list[Outcome]:
    programs = needs(tier.name, externals.table())
    try:
        externals.ensure(programs)
        runner = Runner(programs, _told)
    except CarbonError as missing:
        note = f"{missing.what} → {missing.remedy}"
        return [Outcome(tier.name, s.name, failed=1, notes=(note,)) for s in tier.suites]
    what = f"{tier.name}: {tier.purpose}"
    if not err.is_terminal:
        err.print(f"… {what}")
        return runner.run(tier)
    with err.status(f"{what} …"):
        return runner.run(tier)


def _told(outcome: Outcome, log: Path) -> None:
    mark = MARKS[outcome.state]
    err.print(f"{mark} {outcome.tier}: {outcome.suite} [dim]{outcome.seconds:.0f} s[/]")
    if outcome.failed:
        lines = log.read_text("utf-8", errors="replace").splitlines()
        left_out = [f"… (all of it: {log})"] if len(lines) > SHOWN else []
        err.print(escape("\n".join([*left_out, *lines[-SHOWN:]])))


def _summary(outcomes: list[Outcome], chosen: Plan) -> None:
    table = Table(box=None, header_style="dim")
    for name in ("tier", "suite", "", "passed", "failed"):
        table.add_column(name, justify="right" if name in ("passed", "failed") else "left")
    table.add_column("time", justify="right")
    table.add_column("not run")
    for o in outcomes:
        counts = (str(o.passed), str(o.failed), f"{o.seconds:.0f} s")
        table.add_row(
            o.tier, o.suite, f"{MARKS[o.state]} {o.state}", *counts, escape("; ".join(o.notes))
        )
    for name, why in chosen.left_out.items():
        table.add_row(name, "", f"{MARKS['not run']} not run", "", "", "", escape(why))
    out.print(table)
    out.print(total(outcomes))
