"""The impact of a change of policies, as text for people and as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from carbon.impact.comparison import Change, Impact
from carbon.impact.steps import Step

_SHOWN = 4
"""Number of clients that a line of text names."""


def to_map(impact: Impact) -> dict[str, Any]:
    """Return an impact as plain data."""
    return {
        "selected": [
            {
                "workload": str(each.workload),
                "pods": list(each.workload.pods),
                "own": each.workload.ours,
                "policies": list(each.policies),
                "isolated": list(each.isolated),
            }
            for each in impact.selected
        ],
        "lost": list(map(_describe, impact.lost)),
        "allowed": list(map(_describe, impact.allowed)),
        "missing": list(map(_describe, impact.missing)),
        "unmatched": list(impact.unmatched),
        "different": [asdict(each) for each in impact.different],
    }


def write_steps(rows: Sequence[tuple[Step, Impact]]) -> str:
    """Return the steps with their impacts as JSON."""
    maps = [
        {"step": step.name, "set": step.settings, "done": step.done} | to_map(impact)
        for step, impact in rows
    ]
    return json.dumps({"steps": maps}, indent=2)


def print_steps(rows: Sequence[tuple[Step, Impact]], console: Console) -> None:
    """Print a line for each step: its change, and the numbers of pods and connections."""
    grid = Grid("step", "set", "workloads", "lost", "in use", "allowed", "still closed")
    grid.box = None
    for step, impact in rows:
        mark = " [green]✓[/]" if step.done else ""
        used = sum(each.used for each in impact.lost)
        numbers = (len(impact.selected), len(impact.lost), used, len(impact.allowed))
        cells = [*map(str, numbers), str(len(impact.missing))]
        grid.add_row(f"{step.name}{mark}", escape(", ".join(step.settings)), *cells)
    console.print(grid)
    console.print(
        "✓: the values contain this step. `carbon mesh impact --step NAME` names the pods and the "
        "connections of a step."
    )


def print_impact(impact: Impact, console: Console) -> None:
    """Print an impact: workloads, connections, and entries that differ."""
    console.print(f"[bold]Workloads that policies newly select: {len(impact.selected)}[/]")
    for each in impact.selected:
        owner = "" if each.workload.ours else " [yellow](of another team)[/]"
        isolated = f"; newly isolated: {', '.join(each.isolated)}" if each.isolated else ""
        names = escape(", ".join(each.policies))
        console.print(f"  {escape(str(each.workload))}{owner}: {names}{isolated}")
    used = sum(each.used for each in impact.lost)
    console.print(f"[bold]Connections lost: {len(impact.lost)}, {used} of them in use[/]")
    _print_changes(impact.lost, console)
    console.print(f"[bold]Connections newly allowed: {len(impact.allowed)}[/]")
    _print_changes(impact.allowed, console)
    if impact.missing:
        count = len(impact.missing)
        console.print(f"[bold]Connections of the services table that stay closed: {count}[/]")
        by_policy: dict[tuple[str, ...], list[Change]] = {}
        for change in impact.missing:
            by_policy.setdefault(change.policies, []).append(change)
        for policies, changes in by_policy.items():
            console.print(f"  closed by {escape(', '.join(policies))}:")
            _print_changes(changes, console)
    if impact.unmatched:
        console.print("[bold]Entries of the services table whose labels select no pod[/]")
        console.print(f"  {', '.join(impact.unmatched)}")
    if impact.different:
        console.print("[bold]Entries of the services table that differ from the cluster[/]")
    for one in impact.different:
        real = escape(", ".join(one.found))
        what = "the Service has" if one.key == "cidrs" else "the pods have"
        console.print(f"  {one.entry}.{one.key} is {escape(one.stated)}, and {what}: {real}")


def _print_changes(changes: Sequence[Change], console: Console) -> None:
    """Print a line for each set of clients; clients whose connections are in use come first."""
    clients: dict[tuple[str, str], list[Change]] = {}
    for each in changes:
        one = each.connection
        clients.setdefault((str(one.target), f"{one.port}/{one.transport}"), []).append(each)
    servers: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for (target, port), found in clients.items():
        found.sort(key=lambda each: not each.used)
        names = tuple(map(_name_client, found))
        servers.setdefault(names, {}).setdefault(target, []).append(port)
    for names, targets in sorted(servers.items(), key=lambda each: "in use" not in each[0][0]):
        shown = [n for i, n in enumerate(names) if i < _SHOWN or "in use" in n]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        to = ", ".join(f"{escape(target)} {' '.join(ports)}" for target, ports in targets.items())
        console.print(f"  {', '.join(shown)}{more} -> {to}")


def _name_client(change: Change) -> str:
    name = escape(str(change.connection.source))
    return f"[red]{name} (in use)[/]" if change.used else name


def _describe(change: Change) -> Mapping[str, Any]:
    one = change.connection
    return {
        "from": str(one.source),
        "to": str(one.target),
        "port": one.port,
        "transport": one.transport,
        "used": change.used,
        "policies": list(change.policies),
    }
