"""Reads the table of tiers (tests/tiers.yaml) and decides which tiers run."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from carbon.errors import CarbonError
from carbon.externals import External
from carbon.files import read_yaml
from carbon.home import ROOT

TABLE = ROOT / "tests" / "tiers.yaml"
STATIC = "static"
CORE = "core"
ALL = "all"
DEFAULT = (STATIC, CORE)
"""The tiers that run when no tier is requested."""


@dataclass(frozen=True)
class Suite:
    """A command that runs tests."""

    tier: str
    name: str
    command: str
    """A shell command line, with `$report` for the path of a JUnit report."""

    def build_command(self, report: Path) -> list[str]:
        """Return the command as an argument list; `report` is the path of its JUnit report."""
        command = Template(self.command).substitute(report=shlex.quote(str(report)))
        return shlex.split(command)


@dataclass(frozen=True)
class Tier:
    """A group of suites that need the same programs."""

    name: str
    purpose: str
    parallel: bool
    """True if the suites of the tier may run at the same time."""
    suites: tuple[Suite, ...]
    on_demand: bool = False
    """True if the tier runs only when its name is requested, not with `all`."""


@dataclass(frozen=True)
class Plan:
    """The tiers that run, and why the others do not."""

    runs: tuple[Tier, ...]
    skipped: Mapping[str, str]
    """Name of a tier that does not run -> the reason."""


def read_tiers(root: Path = ROOT) -> dict[str, Tier]:
    """Read the tiers that have tests, by name, in the order of the table."""
    tiers = {}
    for name, row in read_yaml(root / TABLE.relative_to(ROOT)).items():
        suites = [_make_suite(name, suite, entry) for suite, entry in row["suites"].items()]
        with_tests = tuple(suite for suite in suites if _has_tests(suite, root))
        if with_tests:
            options = (row.get("parallel", False), with_tests, row.get("on demand", False))
            tiers[name] = Tier(name, row["for"], *options)
    return tiers


def select_externals(tier: str, rows: Mapping[str, External]) -> list[str]:
    """Return the names of the external programs that a tier needs.

    Every tier needs its own programs and the programs of static; every tier but static also needs
    the programs of core.
    """
    needed = {STATIC, tier} if tier == STATIC else {STATIC, CORE, tier}
    return [name for name, row in rows.items() if row.tier in needed]


def plan(tiers: Mapping[str, Tier], requested: Sequence[str], is_root: bool = True) -> Plan:
    """Decide which tiers run.

    Args:
        tiers: every tier, by name.
        requested: names of tiers, or `all`. When empty, static and core run.
        is_root: whether this process runs as root. Every tier but static starts the local cluster
            and needs root. Without root and without a request, core is skipped.

    Raises:
        CarbonError: a requested tier does not exist, or needs root.
    """
    unknown = [name for name in requested if name not in (*tiers, ALL)]
    if unknown:
        known = ", ".join([*tiers, ALL])
        raise CarbonError(
            f"unknown tier of tests: {', '.join(unknown)}", f"Choose one of: {known}."
        )
    usual = [name for name, tier in tiers.items() if not tier.on_demand]
    names = [*usual, *requested] if ALL in requested else requested or DEFAULT
    runs = [tier for tier in tiers.values() if tier.name in names]
    skipped = {name: f"not requested (--tier {name})" for name in tiers if name not in names}
    if not is_root:
        privileged = [tier.name for tier in runs if tier.name != STATIC]
        if privileged and requested:
            raise CarbonError(
                f"these tiers start the local cluster, which needs root: {', '.join(privileged)}",
                "Run the same command as root, or run tools/test --fast.",
            )
        runs = [tier for tier in runs if tier.name not in privileged]
        skipped = dict.fromkeys(privileged, "needs root") | skipped
    return Plan(tuple(runs), skipped)


def _make_suite(tier: str, name: str, entry: Mapping[str, str]) -> Suite:
    command = entry.get("run") or f"pytest --junit-xml=$report {entry['pytest']}"
    return Suite(tier, name, command)


def _has_tests(suite: Suite, root: Path) -> bool:
    program, *args = suite.command.split()
    if program != "pytest":
        return True
    paths = [root / arg for arg in args if not arg.startswith("-")]
    return any(path.is_file() or any(path.rglob("test_*.py")) for path in paths)
