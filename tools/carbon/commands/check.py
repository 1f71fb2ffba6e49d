"""`carbon check`: checks every chart with every values file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carbon.app import app
from carbon.check.engine.changed_charts import find_changed
from carbon.check.engine.checkout import Checkout
from carbon.check.engine.report import CHECKS, DEEP, DEFAULT, Report
from carbon.check.engine.run import Run
from carbon.check.engine.workers import COMPLETE, describe_error
from carbon.check.findings import RULES
from carbon.check.outputs import text
from carbon.check.sources.chart_files import READABLE
from carbon.completion import list_charts, offer
from carbon.console import err, out
from carbon.errors import CarbonError
from carbon.home import ROOT
from carbon.upgrade.summary import find_small_version, summarize_upgrade

SETS = 200
SHOWN = 40
"""Maximum number of findings that are printed as text."""


class Output(StrEnum):
    """The format of the output."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    HTML = "html"


@app.command("check")
def check(
    charts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names or folders of charts. Default: all charts.",
            autocompletion=offer(list_charts),
        ),
    ] = None,
    root: Annotated[Path, typer.Option(help="Checkout with a folder charts/.")] = ROOT,
    only_changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="Check only charts that differ from branch main, and charts that contain them.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Run only this check ({', '.join(CHECKS)}), group of rules, such as alerts, or "
            "rule, such as alerts/constant. May be repeated.",
            autocompletion=offer(lambda: CHECKS),
        ),
    ] = None,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Also render random values, and test that every key has an effect (slow).",
        ),
    ] = False,
    sets: Annotated[
        int, typer.Option(help="Number of sets of random values for each chart with --deep.")
    ] = SETS,
    seed: Annotated[
        int,
        typer.Option(
            min=0, help="First seed of the random values. The same seed gives the same values."
        ),
    ] = 0,
    output: Annotated[Output, typer.Option(help="Format of the output.")] = Output.TEXT,
    file: Annotated[
        Path | None,
        typer.Option(
            help="File for the JSON, JUnit or HTML of --output; findings are then printed as text."
        ),
    ] = None,
) -> None:
    """Check every chart with every values file, under Helm 3 and 4 and each Kubernetes minor."""
    checkout = Checkout(root.resolve())
    chosen = checkout.select_charts(charts or [])
    chosen = find_changed(checkout, chosen) if only_changed else chosen
    checks, rules = select_checks(only or [])
    checks |= DEEP if deep else set()
    with err.status("checking …") as status:

        def progress(done: int, todo: int, what: str) -> None:
            if what and err.is_terminal:
                status.update(f"checking … {done} of {todo} · {what}")

        complete = not (charts or only or only_changed)
        report = Run(checkout, chosen, checks, progress, sets, seed).run(complete)
    if not only and checkout.is_house and report.charts:
        _add_upgrade(checkout, report)
    if rules:
        wanted = rules | {COMPLETE, READABLE}
        report.findings = [finding for finding in report.findings if finding.rule in wanted]
    for finding in report.findings[:SHOWN]:
        err.print(text.format_finding(finding))
    if len(report.findings) > SHOWN:
        err.print(f"… and {len(report.findings) - SHOWN} more findings; --output json lists all")
    _show(report, output, file)
    if report.findings:
        raise typer.Exit(1)


def _add_upgrade(checkout: Checkout, report: Report) -> None:
    """Compare the charts with the newest release, and add a finding if the version is too small."""
    try:
        report.upgrade = summarize_upgrade(checkout, report.charts)
    except CarbonError as wrong:
        report.add(describe_error(wrong, checkout.root, case="upgrade"))
    if report.upgrade:
        for finding in find_small_version(report.upgrade):
            report.add(finding)


def select_checks(only: list[str]) -> tuple[set[str], set[str]]:
    """Return the checks to run, and the rules to report. An empty set of rules means all rules."""
    from carbon.check.engine.report import check_of

    checks = {name for name in only if name in CHECKS}
    rules = {rule for name in only for rule in RULES if rule == name or rule.startswith(f"{name}/")}
    for name in only:
        if name not in CHECKS and not any(r == name or r.startswith(f"{name}/") for r in RULES):
            groups = ", ".join(sorted({rule.partition("/")[0] for rule in RULES}))
            raise CarbonError(
                f"unknown check or rule: {name}",
                f"Choose a check ({', '.join(CHECKS)}), a group of rules ({groups}), or one rule, "
                "such as alerts/constant.",
            )
    if not only:
        return set(DEFAULT), set()
    named = {rule for rule in rules if check_of(rule) not in checks}
    if checks and named:
        named |= {rule for rule in RULES if check_of(rule) in checks}
    return checks | {check_of(rule) for rule in rules}, named


def _show(report: Report, output: Output, file: Path | None) -> None:
    if output == Output.TEXT or file:
        text.print_report(report, out)
    if output != Output.TEXT:
        from carbon.check.outputs import html, junit, machine

        writers = {
            Output.JSON: machine.write_report,
            Output.JUNIT: junit.write_report,
            Output.HTML: html.write_report,
        }
        content = writers[output](report)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        else:
            print(content)
