"""`carbon upgrade`: upgrades an installed release."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from carbon import options
from carbon.app import app
from carbon.commands.diff import STATUS, build_command
from carbon.commands.upgrade_check import BAD_INPUT
from carbon.console import err, out
from carbon.errors import CarbonError
from carbon.platform.contract import build_refusal
from carbon.platform.target import NAMESPACE, RELEASE, get_target
from carbon.platform.upgrade import Upgrade, plan_upgrade, run_upgrade
from carbon.upgrade.difference import outputs
from carbon.upgrade.findings import Severity
from carbon.upgrade.sides import InputError, find_new


@app.command("upgrade")
def upgrade(
    to: Annotated[
        str,
        typer.Argument(
            metavar="TO",
            help="The new version: a release, a package, or a folder with a chart or with "
            "umbrella/. Default: the working tree.",
        ),
    ] = "",
    *,
    context: options.Context = None,
    namespace: options.Namespace = NAMESPACE,
    release: Annotated[str, typer.Option(help="Name of the release.")] = RELEASE,
    values: Annotated[
        list[Path] | None,
        typer.Option(
            "--values",
            "-f",
            help="A values file. May be repeated. Default: the values of the installed release.",
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Upgrade although findings need a person: they are done."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what changes and the verdict, then stop.")
    ] = False,
) -> None:
    """Upgrade an installed release to another version, and run the release's tests.

    The command prints what changes, as `carbon diff` does, and stops if that fails, loses data or
    needs a person. It passes the flags that fit the Helm that made the release. If the upgrade
    fails, the release is rolled back to the revision before.

    Exit status: 0 if the release is upgraded (with --dry-run: if nothing breaks), 3 if the upgrade
    would fail or lose data, 4 if a person must decide or act first, 2 if TO or an option is
    invalid, 1 if the upgrade or a test fails.
    """
    files = tuple(values or ())
    try:
        target = get_target(context, namespace, release)
        target.check()
        planned = plan_upgrade(target, find_new(to), files)
    except InputError as wrong:
        err.print(f"[red]✗[/] {escape(str(wrong))}")
        raise typer.Exit(BAD_INPUT) from wrong
    labels = planned.before.label, f"{planned.after.label} ({planned.after.version})"
    outputs.print_difference(planned.difference, labels, "", out)
    if planned.recovery:
        err.print(f"[yellow]![/] An earlier command was killed: {planned.recovery}.")
    again = _build_again(planned, to, files)
    if stop := _find_stop(planned, files, again, yes):
        err.print(f"[red]✗[/] {escape(stop.what)}\n  [yellow]→[/] {escape(stop.remedy)}")
        raise typer.Exit(STATUS[_find_severity(planned)])
    if dry_run:
        err.print(f"Nothing was changed. Upgrade with: {again}", markup=False)
        return
    run_upgrade(planned)
    out.print(f"[green]✓[/] {release} has version {planned.after.version}")


def _find_severity(planned: Upgrade) -> Severity:
    """Return whether a person can accept the findings."""
    found = (*planned.difference.findings, *planned.rollbacks)
    breaking = any(finding.severity == Severity.BREAKING for finding in found)
    return Severity.BREAKING if breaking else Severity.PERSON


def _find_stop(
    planned: Upgrade, files: tuple[Path, ...], again: str, yes: bool
) -> CarbonError | None:
    """Return why the upgrade does not start and how to go on; None if it starts."""
    found, severity = planned.difference.findings, _find_severity(planned)
    if not (found or planned.rollbacks) or (yes and severity == Severity.PERSON):
        return None
    if planned.rollbacks:
        refusal = build_refusal(planned.rollbacks, planned.before, planned.after)
        if severity == Severity.PERSON:
            refusal.remedy += f" Or then run: {again}"
        return refusal
    names = ", ".join(
        dict.fromkeys(f"{f.subject} ({f.rule})" for f in found if f.severity == severity)
    )
    if severity == Severity.PERSON:
        return CarbonError(
            f"a person must decide or act before this upgrade; nothing was changed: {names}",
            f"Do what the findings above state, then run: {again}",
        )
    command = build_command(
        planned.difference, planned.before, planned.after, files, (), planned.target.context
    )
    then = (
        "Change your values: "
        if "migrate-values" in command
        else (
            "Do what the findings above state. Findings that stay, because they concern objects as "
            "Helm has stored them, stop this command again; upgrade with Helm then: "
        )
    )
    return CarbonError(
        f"this upgrade would fail or lose data; nothing was changed: {names}", then + command
    )


def _build_again(planned: Upgrade, to: str, files: tuple[Path, ...]) -> str:
    """Return the command that accepts what a person has done."""
    target = planned.target
    words = ["carbon", "upgrade", *([to] if to else [])]
    words += ["--context", target.context] if target.context else []
    words += ["--namespace", target.namespace] if target.namespace != NAMESPACE else []
    words += ["--release", target.release] if target.release != RELEASE else []
    words += [word for path in files for word in ("--values", str(path))]
    needs = planned.rollbacks or planned.difference.findings
    return shlex.join([*words, *(["--yes"] if needs else [])])
