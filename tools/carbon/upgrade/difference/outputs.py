"""The difference as text and as JSON."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from rich.console import Console
from rich.markup import escape

from carbon.upgrade.difference.changes import Difference, ObjectChange
from carbon.upgrade.findings import Severity, format_path
from carbon.upgrade.objects.changes import Change
from carbon.upgrade.outputs import format_block, list_blocks

_WIDTH = 100
"""Maximum number of characters of a value in the text."""
_LINES = 12
"""Maximum number of lines of a changed text."""
_MARKS = {"changed": "[yellow]~[/]", "added": "[green]+[/]"}
_GONE = {
    "deleted": "Helm deletes it",
    "kept": "Helm keeps it, by its annotation helm.sh/resource-policy",
    "renamed": "Helm deletes it and creates",
}
_VERDICTS = {
    Severity.BREAKING: "[red]breaking[/]: the upgrade fails, or loses data or connections",
    Severity.PERSON: "[yellow]needs a person[/]: decide or act as the findings above state",
    Severity.RESTART: "[green]nothing breaks[/]; pods restart",
    Severity.NOTE: "[green]nothing breaks[/], and no pod restarts",
    None: "[green]nothing changes[/]",
}


def print_difference(
    found: Difference, labels: tuple[str, str], command: str, out: Console
) -> None:
    """Print restarts, deletions, changed objects and findings, then the verdict.

    `labels` name both versions; `command` is the command to go on with.
    """
    if found.restarts:
        out.print("[bold]Pods that restart[/]")
    for each in found.restarts:
        out.print(f"  [cyan]{escape(each.name)}[/] {escape(each.how)}")
        for reason in each.reasons:
            out.print(f"    {escape(reason)}")
    if found.deletions:
        out.print("[bold]Objects that vanish[/]")
    for gone in found.deletions:
        new = f" {gone.new_name}" if gone.new_name else ""
        out.print(f"  [red]-[/] {escape(gone.name)}: {_GONE[gone.kind]}{escape(new)}")
    if found.changes:
        out.print("[bold]Changed objects[/]")
    for change in found.changes:
        out.print(f"  {_MARKS[change.kind]} {escape(change.name)}")
        for field in change.fields:
            for line in _format_field(field):
                out.print(f"      {line}")
    for block in list_blocks(found.findings):
        out.print()
        out.print(format_block(block, ""))
    out.print(f"\n[bold]{escape(labels[0])} → {escape(labels[1])}[/]: {_VERDICTS[found.verdict]}")
    if command:
        out.print(f"  [yellow]→[/] {escape(command)}")


def _format_field(change: Change) -> Iterator[str]:
    """Yield the lines of a changed field; of long texts and lists only what differs."""
    path = f"[bold]{escape(format_path(change.path))}[/]"
    if lines := _list_lines(change.old, change.new):
        yield path
        yield from (f"  {escape(_shorten(line))}" for line in lines[:_LINES])
        if len(lines) > _LINES:
            yield f"  … {len(lines) - _LINES} more lines; --output json has both values"
    elif change.is_added:
        yield f"{path} is added: {escape(_format(change.new))}"
    elif change.is_removed:
        yield f"{path} is removed: {escape(_format(change.old))}"
    else:
        yield f"{path}: {escape(_format(change.old))} → {escape(_format(change.new))}"


def _list_lines(old: Any, new: Any) -> list[str]:
    """Return the lines or entries that only one of two long texts or lists has."""
    if isinstance(old, list) and isinstance(new, list):
        gone = [f"- {_dump(each)}" for each in old if each not in new]
        return gone + [f"+ {_dump(each)}" for each in new if each not in old]
    if not (isinstance(old, str) and isinstance(new, str)) or "\n" not in f"{old}{new}".strip():
        return []
    lines = unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _format(value: Any) -> str:
    return _shorten(_dump(value))


def _shorten(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def write_json(found: Difference, labels: tuple[str, str], command: str) -> str:
    """Return the difference as JSON."""
    whole = {
        "from": labels[0],
        "to": labels[1],
        "verdict": found.verdict.value if found.verdict else "none",
        "restarts": [
            {"object": each.name, "how": each.how, "reasons": list(each.reasons)}
            for each in found.restarts
        ],
        "deletions": [_to_dict(each) for each in found.deletions],
        "changes": [_to_dict(each) for each in found.changes],
        "findings": [finding.to_dict() for finding in found.findings],
        "command": command,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, default=str)


def _to_dict(each: ObjectChange) -> dict[str, Any]:
    return {
        "object": each.name,
        "change": each.kind,
        "new object": each.new_name or None,
        "fields": [
            {
                "field": format_path(change.path),
                "path": list(change.path),
                "old": change.old,
                "new": change.new,
            }
            for change in each.fields
        ],
    }
