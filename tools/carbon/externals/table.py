"""Reads the table of external programs: `externals.yaml`, and a go.mod for each of its entries."""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Any

from carbon.errors import CarbonError
from carbon.files import read_yaml
from carbon.home import ROOT

FOLDER = ROOT / "tools" / "externals"
FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")
"""Go's flags for every build. The hash of a program's build inputs includes them."""

OLDER = "CARBON_KUBERNETES"
"""Environment variable with a minor version: the local cluster gets the programs that the pin in
the folder of this name below tools/externals/kubernetes names, such as 1.36."""
_KUBERNETES = "kubernetes"

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
    """Name of a program -> name of the file that Go builds."""
    version_arguments: Mapping[str, tuple[str, ...]]
    """Name of a program -> arguments with which it prints its version."""
    digest: str
    """Hash of every input of the build."""
    tags: tuple[str, ...] = ()
    stamps: Mapping[str, str] = field(default_factory=dict)
    """Go variable -> the text that the linker flag -X gives it, such as the version."""
    folder: str = ""
    """The folder with go.mod below tools/externals; empty if it is `name`."""

    def ldflags(self) -> str:
        """Return the linker's flags: no debugging symbols, and variables with the version."""
        return " ".join(["-s", "-w", *(f"-X {k}={v}" for k, v in self.stamps.items())])


def read_pin(go_mod: str, module: str = "") -> tuple[str, list[str]]:
    """Return the version of the module of a go.mod's tools, and the packages of the tools.

    For tools that are programs of this project, `module` names the module whose version counts.

    Raises:
        ValueError: go.mod has no tool, or requires no module that contains it.
    """
    found = [a or b for a, b in _TOOLS.findall(go_mod)]
    tools = [line.strip() for block in found for line in block.splitlines() if line.strip()]
    if not tools:
        raise ValueError("go.mod has no `tool` line")
    of = module or tools[0]
    holders = [(m, v) for m, v in _REQUIRED.findall(go_mod) if f"{of}/".startswith(f"{m}/")]
    if not holders:
        raise ValueError(f"go.mod requires no module that contains {of}")
    return max(holders, key=lambda holder: len(holder[0]))[1], tools


def get_built_name(package: str) -> str:
    """Return Go's name for a package's program: the last element of the path without /vN."""
    elements = package.split("/")
    return elements[-2] if re.fullmatch(r"v\d+", elements[-1]) else elements[-1]


def read_external(
    name: str, entry: Mapping[str, Any], go_mod: str, go_sum: str, sources: Sequence[str] = ()
) -> External:
    """Return an entry of the table of external programs.

    Args:
        name: name of the external program and of its folder.
        entry: its entry in externals.yaml.
        go_mod: text of go.mod.
        go_sum: text of go.sum.
        sources: texts of this project's own Go files in the folder.
    """
    version, tools = read_pin(go_mod, entry.get("module", ""))
    names = entry.get("names", {})
    programs = {names.get(built, built): built for built in map(get_built_name, tools)}
    ask = entry.get("ask", {})
    ask = ask if isinstance(ask, dict) else {"*": ask}
    arguments = {p: ask.get(p, ask.get("*")) for p in programs}
    major, minor = version.split(".")[:2]
    numbers = {"version": version, "major": major, "minor": minor}
    what = json.dumps([entry, go_mod, go_sum, FLAGS, *sources], sort_keys=True)
    return External(
        name=name,
        purpose=entry["for"],
        tier=entry["tier"],
        version=version,
        programs=programs,
        version_arguments={p: tuple(args.split()) for p, args in arguments.items() if args},
        digest=hashlib.sha256(what.encode()).hexdigest()[:12],
        tags=tuple(entry.get("tags", ())),
        stamps={k: Template(v).substitute(numbers) for k, v in entry.get("stamps", {}).items()},
    )


def read_table(folder: Path = FOLDER) -> dict[str, External]:
    """Read the table, in the order of externals.yaml.

    Raises:
        CarbonError: an entry of externals.yaml has no go.mod, or its go.mod has no tool.
    """
    listed = folder / "externals.yaml"
    rows = {}
    for name, entry in read_yaml(listed).items():
        place = _select_folder(folder, name)
        try:
            mod, sums = ((place / f).read_text("utf-8") for f in ("go.mod", "go.sum"))
            own = [path.read_text("utf-8") for path in sorted(place.rglob("*.go"))]
            row = read_external(name, entry, mod, sums, own)
            rows[name] = replace(row, folder=str(place.relative_to(folder)))
        except (OSError, KeyError, ValueError) as wrong:
            remedy = (
                "Each entry needs `for` and `tier`, and a folder of its name with go.sum and a "
                "go.mod, which has a `tool` line and requires the module of the tool."
            )
            raise CarbonError(f"{listed}: {name}: {wrong}", remedy) from wrong
    return rows


def _select_folder(folder: Path, name: str) -> Path:
    """Return the folder with the go.mod of an entry, for Kubernetes that of CARBON_KUBERNETES.

    Raises:
        CarbonError: there is no pin of this minor version.
    """
    minor = os.environ.get(OLDER, "")
    if name != _KUBERNETES or not minor:
        return folder / name
    pins = sorted(path.parent.name for path in (folder / name).glob("*/go.mod"))
    if minor not in pins:
        raise CarbonError(
            f"{OLDER}={minor}: there is no pin of Kubernetes {minor}",
            f"Unset {OLDER}, or set it to one of: {', '.join(pins)}.",
        )
    return folder / name / minor


def find(name: str, rows: Mapping[str, External]) -> External:
    """Return the table entry with the name `name`, or with a program of this name.

    Raises:
        CarbonError: the table has no such entry.
    """
    holders = [row for row in rows.values() if name in row.programs]
    if name in rows or holders:
        return rows.get(name) or holders[0]
    known = sorted({*rows, *(program for row in rows.values() for program in row.programs)})
    raise CarbonError(f"unknown external program: {name}", f"Choose one of: {', '.join(known)}.")
