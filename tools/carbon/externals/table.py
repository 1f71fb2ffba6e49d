"""The table of external programs: what their go.mod files and `externals.yaml` say, as data."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import yaml

from carbon.errors import CarbonError
from carbon.home import ROOT

FOLDER = ROOT / "tools" / "externals"
FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")
"""Go's flags for every build; part of what a built program is stamped with."""

_REQUIRED = re.compile(r"^\s*(?:require\s+)?(\S+\.\S+/\S+)\s+v(\S+)", re.M)
_TOOLS = re.compile(r"^tool\s+(?:\(([^)]*)\)|(\S+))", re.M)


@dataclass(frozen=True)
class External:
    """One pinned Go module and the programs built from it."""

    name: str
    purpose: str
    tier: str
    version: str
    """The module's version, without the `v`."""
    programs: Mapping[str, str]
    """What each program is called -> what Go calls it when it builds it."""
    ask: Mapping[str, tuple[str, ...]]
    """The arguments that make a program print its version."""
    digest: str
    """Of everything that decides what is built."""
    tags: tuple[str, ...] = ()
    stamps: Mapping[str, str] = field(default_factory=dict)

    def ldflags(self) -> str:
        """The linker's flags: no debugging symbols, and the version where it is kept."""
        return " ".join(["-s", "-w", *(f"-X {k}={v}" for k, v in self.stamps.items())])


def pinned(go_mod: str, module: str = "") -> tuple[str, list[str]]:
    """The version of the module that a go.mod's tools come from, and the tools' packages.

    `module` is the one whose version counts where the tools are programs of our own.

    Raises:
        ValueError: there is no tool, or no requirement that holds it.
    """
    found = [a or b for a, b in _TOOLS.findall(go_mod)]
    tools = [line.strip() for block in found for line in block.splitlines() if line.strip()]
    if not tools:
        raise ValueError("no `tool` line")
    of = module or tools[0]
    holders = [(m, v) for m, v in _REQUIRED.findall(go_mod) if f"{of}/".startswith(f"{m}/")]
    if not holders:
        raise ValueError(f"nothing requires the module of {of}")
    return max(holders, key=lambda holder: len(holder[0]))[1], tools


def built_name(package: str) -> str:
    """What Go calls the program of a package: its last element that is no major version."""
    parts = package.split("/")
    return parts[-2] if re.fullmatch(r"v\d+", parts[-1]) else parts[-1]


def external(
    name: str, entry: Mapping[str, Any], go_mod: str, go_sum: str, sources: Sequence[str] = ()
) -> External:
    """One row of the table, from the texts that describe it; `sources` are those of our own."""
    version, tools = pinned(go_mod, entry.get("module", ""))
    names = entry.get("names", {})
    programs = {names.get(built, built): built for built in map(built_name, tools)}
    ask = entry.get("ask", {})
    ask = ask if isinstance(ask, dict) else {"*": ask}
    asked = {p: ask.get(p, ask.get("*")) for p in programs}
    major, minor = version.split(".")[:2]
    numbers = {"version": version, "major": major, "minor": minor}
    what = json.dumps([entry, go_mod, go_sum, FLAGS, *sources], sort_keys=True)
    return External(
        name=name,
        purpose=entry["for"],
        tier=entry["tier"],
        version=version,
        programs=programs,
        ask={p: tuple(args.split()) for p, args in asked.items() if args},
        digest=hashlib.sha256(what.encode()).hexdigest()[:12],
        tags=tuple(entry.get("tags", ())),
        stamps={k: Template(v).substitute(numbers) for k, v in entry.get("stamps", {}).items()},
    )


def load(folder: Path = FOLDER) -> dict[str, External]:
    """Read the whole table, in its own order.

    Raises:
        CarbonError: a row has no go.mod, or one without a tool.
    """
    listed = folder / "externals.yaml"
    rows = {}
    for name, entry in yaml.load(listed.read_text("utf-8"), yaml.CSafeLoader).items():
        try:
            mod, sums = ((folder / name / f).read_text("utf-8") for f in ("go.mod", "go.sum"))
            own = [path.read_text("utf-8") for path in sorted((folder / name).rglob("*.go"))]
            rows[name] = external(name, entry, mod, sums, own)
        except (OSError, KeyError, ValueError) as wrong:
            remedy = f"Every name there has a folder with go.mod and go.sum in {folder}."
            raise CarbonError(f"{listed}: {name}: {wrong}", remedy) from wrong
    return rows


def find(name: str, rows: Mapping[str, External]) -> External:
    """The external that is called `name`, or that a program of that name comes from.

    Raises:
        CarbonError: nothing is called so.
    """
    holders = [row for row in rows.values() if name in row.programs]
    if name in rows or holders:
        return rows.get(name) or holders[0]
    known = sorted({*rows, *(program for row in rows.values() for program in row.programs)})
    raise CarbonError(f"there is no external program {name}", f"There are: {', '.join(known)}.")
