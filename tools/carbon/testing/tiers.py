"""The table of tiers, and the decision which of them run."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from carbon.charts.files import read_yaml
from carbon.errors import CarbonError
from carbon.externals import External
from carbon.home import ROOT

TABLE = ROOT / "tests" / "tiers.yaml"
STATIC = "static"
CORE = "core"
ALL = "all"
ALWAYS = "always"


@dataclass(frozen=True)
class Suite:
    """One program's run over some tests."""

    tier: str
    name: str
    command: str
    """With `$report` and `$charts` for what is known when it runs."""

    def args(self, report: Path, charts: Sequence[Path]) -> list[str]:
        """The command, to be run."""
        known = {"report": shlex.quote(str(report)), "charts": shlex.join(map(str, charts))}
        return shlex.split(Template(self.command).substitute(known))


@dataclass(frozen=True)
class Tier:
    """Suites that need the same programs and the same surroundings."""

    name: str
    purpose: str
    always: bool
    """Whether it runs although its programs are not built yet."""
    parallel: bool
    suites: tuple[Suite, ...]


@dataclass(frozen=True)
class Plan:
    """What a run of the tests does."""

    runs: tuple[Tier, ...]
    left_out: Mapping[str, str]
    """Tier -> why it does not run."""


def tiers(root: Path = ROOT) -> dict[str, Tier]:
    """The tiers that have suites, in order."""
    found = {}
    for name, row in read_yaml(root / TABLE.relative_to(ROOT)).items():
        suites = [_suite(name, suite, how) for suite, how in row["suites"].items()]
        there = tuple(suite for suite in suites if _has_tests(suite, root))
        if there:
            always, parallel = row["default"] == ALWAYS, row.get("parallel", False)
            found[name] = Tier(name, row["for"], always, parallel, there)
    return found


def own(tier: str, rows: Mapping[str, External]) -> list[str]:
    """The externals that a tier is the first to need."""
    return [name for name, row in rows.items() if row.tier == tier]


def needs(tier: str, rows: Mapping[str, External]) -> list[str]:
    """The externals of a tier: its own, those of static, and but for static those of core."""
    needed = {STATIC, tier} if tier == STATIC else {STATIC, CORE, tier}
    return [name for name, row in rows.items() if row.tier in needed]


def plan(
    there: Mapping[str, Tier],
    missing: Mapping[str, Sequence[str]],
    wanted: Sequence[str],
    is_root: bool = True,
) -> Plan:
    """Decide which tiers run.

    `missing` has each tier's own programs that are not built: those of static and core, which run
    always, need no saying. `wanted` are the tiers asked for: none for the default, `all` for all of
    them. All but static need root, for the local cluster.

    Raises:
        CarbonError: a tier is asked for that does not exist, or that needs root.
    """
    unknown = [name for name in wanted if name not in (*there, ALL)]
    if unknown:
        known = ", ".join([*there, ALL])
        raise CarbonError(f"there is no tier {', '.join(unknown)}", f"There are: {known}.")
    if wanted:
        asked = [t for t in there.values() if ALL in wanted or t.name in wanted]
        if not is_root and any(t.name != STATIC for t in asked):
            raise CarbonError("the local cluster needs root", "Run it as root, or with --fast.")
        return Plan(
            tuple(asked), {t.name: "not asked for" for t in there.values() if t not in asked}
        )
    if not is_root:
        static = (there[STATIC],) if STATIC in there else ()
        return Plan(static, dict.fromkeys(set(there) - {STATIC}, "needs root"))
    runs = tuple(t for t in there.values() if t.always or not missing[t.name])
    left_out = {
        t.name: f"not built: {', '.join(missing[t.name])} (--tier {t.name} builds it)"
        for t in there.values()
        if t not in runs
    }
    return Plan(runs, left_out)


def _suite(tier: str, name: str, how: Mapping[str, str]) -> Suite:
    command = how.get("run") or f"pytest --junit-xml=$report {how['pytest']}"
    return Suite(tier, name, command)


def _has_tests(suite: Suite, root: Path) -> bool:
    program, *args = suite.command.split()
    if program != "pytest":
        return True
    places = [root / arg for arg in args if not arg.startswith("-")]
    return any(place.is_file() or any(place.rglob("test_*.py")) for place in places)
