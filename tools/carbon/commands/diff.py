"""`carbon diff`: shows what changes between two versions, or in an installed release."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from semver import Version

from carbon import options
from carbon.app import app
from carbon.charts.kubernetes import MINORS
from carbon.commands.upgrade_check import BAD_INPUT, BREAKING, PERSON, check_minor
from carbon.console import err, out
from carbon.files import format_path
from carbon.options import Output, OutputOption
from carbon.platform.target import NAMESPACE, RELEASE, get_target
from carbon.upgrade.difference import outputs
from carbon.upgrade.difference.changes import Difference, build_difference
from carbon.upgrade.difference.data import group_revisions
from carbon.upgrade.difference.live import Stored, read_release
from carbon.upgrade.difference.sources import Given, Source, compare, parse_set
from carbon.upgrade.findings import Severity
from carbon.upgrade.sides import InputError, Side, find_new, find_old, locate

LIVE = "live"
"""The name of the installed release, also with the name of a release: live/NAME."""
STATUS = {Severity.BREAKING: BREAKING, Severity.PERSON: PERSON}


@app.command("diff")
def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="FROM",
            help="The version before: a release, a package, a folder with a chart or with "
            "umbrella/, or `live`, what is installed (`live/NAME` for another release than "
            f"{RELEASE}). Default: `live` with --context, else the newest release.",
        ),
    ] = "",
    new: Annotated[
        str,
        typer.Argument(metavar="TO", help="The version after. Default: the working tree."),
    ] = "",
    *,
    context: options.Context = None,
    namespace: options.Namespace = NAMESPACE,
    values: Annotated[
        list[Path] | None,
        typer.Option("--values", "-f", help="A values file for both versions. May be repeated."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="A value as KEY=VALUE for both versions. May be repeated."),
    ] = None,
    kubernetes: Annotated[
        str, typer.Option(help="Minor version of Kubernetes of the cluster.")
    ] = MINORS[-1],
    output: OutputOption = Output.text,
) -> None:
    """Show what an upgrade changes, by object and field, with the values of one release.

    An installed release is compared as Helm has stored it, and its values count if no values are
    given. Values of Secrets are never shown. Chart labels, checksums of objects that change too,
    and other orders of named entries are left out.

    Exit status: 0 if nothing breaks, 3 if the upgrade fails or loses data, 4 if a person must
    decide or act, 2 if FROM, TO or a value is invalid, 1 for any other error.
    """
    given = tuple(values or ())
    try:
        check_minor(kubernetes)
        chosen = Given(given, tuple(map(parse_set, sets or ())))
        before = _find(old or (LIVE if context else ""), context, namespace, find_old)
        after = _find(new, context, namespace, find_new)
        compared = compare(before, after, chosen, kubernetes)
    except InputError as wrong:
        err.print(f"[red]✗[/] {escape(str(wrong))}")
        raise typer.Exit(BAD_INPUT) from wrong
    found = build_difference(compared.comparison, compared.findings)
    labels = before.label, after.label
    command = build_command(found, before, after, given, tuple(sets or ()), context)
    if output == Output.json:
        print(outputs.write_json(found, labels, command))
    else:
        outputs.print_difference(found, labels, command, out)
    for source in (before, after):
        if not group_revisions(source):
            err.print(
                "[yellow]![/] The revisions of the data are not compared: the Chart.yaml of "
                f"{escape(source.label)} has none."
            )
    if found.verdict in STATUS:
        raise typer.Exit(STATUS[found.verdict])


def _find(text: str, context: str | None, namespace: str, find: Callable[[str], Side]) -> Source:
    name, _, release = text.partition("/")
    if name == LIVE:
        return read_release(get_target(context, namespace), release or RELEASE)
    return find(text)


def build_command(
    found: Difference,
    old: Source,
    new: Source,
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    context: str | None = None,
) -> str:
    """Return the command to go on with; empty if nothing changes or TO is installed."""
    if found.verdict is None or isinstance(new, Stored):
        return ""
    if any(finding.rule == "values/refused" for finding in found.findings):
        file = format_path(files[0]) if files else "VALUES.yaml"
        if _is_older(new.version, old.version):
            return f"carbon migrate-values {file} --from {shlex.quote(new.label)} --reverse"
        to = "" if new.label == find_new().label else f" --to {shlex.quote(new.label)}"
        return f"carbon migrate-values {file}{to}"
    name, where, wait, flags = RELEASE, NAMESPACE, "--wait", []
    if isinstance(old, Stored):
        name, where = old.name, old.namespace
        wait, flags = old.wait, old.flags
    chart = f"{format_path(path)}/" if (path := locate(new)).is_dir() else format_path(path)
    words = ["helm", "upgrade", name, chart, "--namespace", where]
    words += ["--kube-context", context] if context else []
    words += [word for path in files for word in ("--values", str(path))]
    words += [word for each in sets for word in ("--set", each)]
    words += [] if files or sets else ["--reset-then-reuse-values"]
    return shlex.join([*words, wait, *flags])


def _is_older(version: str, other: str) -> bool:
    both = version, other
    return all(map(Version.is_valid, both)) and Version.parse(version) < Version.parse(other)
