"""`carbon migrate-values`: changes a values file for another version of the charts."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from carbon.app import app
from carbon.charts.discovery import Chart
from carbon.console import err
from carbon.errors import CarbonError
from carbon.files import format_path, read_yaml
from carbon.options import Output, OutputOption
from carbon.upgrade.cases import is_ours
from carbon.upgrade.migration.plan import Decision, Edit
from carbon.upgrade.migration.rules import select_rules
from carbon.upgrade.migration.run import Migration, get_release, migrate, select_needed
from carbon.upgrade.sides import InputError, Side, find_new, find_old

BAD_INPUT, PERSON = 2, 4
"""Exit statuses, as those of `carbon upgrade-check`."""


@app.command("migrate-values")
def migrate_values(
    file: Annotated[Path, typer.Argument(metavar="OLD.yaml", help="The values file.")],
    *,
    old: Annotated[
        str,
        typer.Option(
            "--from",
            help="The version for which the file was written: a release, a package, or a folder "
            "with charts. Default: the newest release.",
        ),
    ] = "",
    new: Annotated[
        str,
        typer.Option("--to", help="The version that gets the file. Default: the working tree."),
    ] = "",
    chart: Annotated[
        str,
        typer.Option(help="The chart of a file for one chart only. Default: the umbrella chart."),
    ] = "",
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Change a file of --to for --from instead.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace the file instead of printing its text.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Move the keys of a values file to where another version of the charts reads them.

    The changed file goes to the standard output. Comments, order and quotes stay as they are. Keys
    that a person must decide about are listed with the reason, and stay in the file.

    Exit status: 0 if the other version accepts the file, 4 if a person must decide about a key, 2
    if the file, --from, --to or --chart is invalid, 1 for any other error.
    """
    try:
        before, after = find_old(old), find_new(new)
        target = _find_chart(before if reverse else after, chart)
        values = read_yaml(file)
    except CarbonError as wrong:
        err.print(f"[red]✗[/] {escape(str(wrong))}")
        raise typer.Exit(BAD_INPUT) from wrong
    rules = select_rules(before, after, target.name, reverse)
    if reverse:
        rules = select_needed(values, rules, target)
    text = file.read_bytes().decode("utf-8")
    done = migrate(text, rules, target, get_release(is_ours(after)))
    if in_place and done.text != text:
        _replace(file, done.text)
    if output == Output.json:
        print(json.dumps(_to_dict(done, text), indent=2, ensure_ascii=False))
    elif not in_place:
        sys.stdout.write(done.text)
    _report(done, file, (before if reverse else after).label)
    if done.decisions:
        raise typer.Exit(PERSON)


def _find_chart(side: Side, name: str) -> Chart:
    charts = side.list_charts()
    if name and name not in charts:
        raise InputError(
            f"{side.label} has no chart {name}", f"Write one of {', '.join(sorted(charts))}."
        )
    return charts[name] if name else side.main


def _replace(file: Path, text: str) -> None:
    """Replace a file atomically; a symbolic link stays a link."""
    path = file.resolve()
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _report(done: Migration, file: Path, label: str) -> None:
    """Print the edits, the keys that a person must decide about, and the next step."""
    for edit in done.edits:
        err.print(f"[green]✓[/] {escape(_describe(edit))}")
    for each in done.decisions:
        key = ".".join(each.key)
        err.print(f"[yellow]?[/] {escape(f'{key}: {each.why}' if key else each.why)}")
    name = format_path(file)
    if done.decisions:
        number = len(done.decisions)
        err.print(f"A person must decide about {number} key{'s' * (number > 1)} of {name}.")
    else:
        changed = "" if done.edits else " without changes"
        err.print(f"{label} accepts {name}{changed}.")


def _describe(edit: Edit) -> str:
    source = ".".join(edit.source)
    if edit.target:
        return f"{source} is now {'.'.join(edit.target)}"
    return f"{source} is removed: {edit.why}"


def _to_dict(done: Migration, text: str) -> dict[str, object]:
    return {
        "changed": done.text != text,
        "text": done.text,
        "edits": [
            {"from": list(e.source), "to": list(e.target) or None, "why": e.why} for e in done.edits
        ],
        "decisions": [_decision_to_dict(each) for each in done.decisions],
    }


def _decision_to_dict(each: Decision) -> dict[str, object]:
    return {"key": list(each.key), "why": each.why}
