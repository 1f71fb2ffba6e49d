"""The rules by which values files move from one release to another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from semver import Version

from carbon.check.findings import KeyPath
from carbon.errors import CarbonError
from carbon.files import format_path, parse_documents
from carbon.home import ROOT
from carbon.release.index import PLATFORM, read_index
from carbon.upgrade.sides import Side
from carbon.upgrade.values.narrowing import ANY

FOLDER = ROOT / "schemas" / "upgrade" / "migrations"
"""The folder with one file of rules for each release that moves keys or no longer accepts keys."""
_SHARED = "global"


class Kind(StrEnum):
    """What a rule does with a key."""

    MOVE = "move"
    DELETE = "delete"
    DECIDE = "decide"
    """A person chooses what replaces the key."""


@dataclass(frozen=True)
class Rule:
    """A key of a values file that a release moves or no longer accepts."""

    kind: Kind
    source: KeyPath
    """The key, as in a values file of the umbrella; `*` is any key of a map."""
    target: KeyPath = ()
    """The new key of a move."""
    why: str = ""
    release: str = ""
    """The first release without the key `source`."""

    def reverse(self) -> "Rule":
        """Return the rule for the way back."""
        return Rule(self.kind, self.target, self.source, self.why, self.release)


@cache
def read_rules(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """Return the rules of all releases, oldest first.

    Raises:
        CarbonError: a file is not named by a version, or a rule is invalid.
    """
    files = {path.stem: path for path in folder.glob("*.yaml")}
    for name, path in files.items():
        if not Version.is_valid(name):
            raise CarbonError(f"{format_path(path)} is not named by a version", "Rename the file.")
    ordered = sorted(files, key=Version.parse)
    return tuple(rule for name in ordered for rule in _read_file(files[name], name))


def _read_file(path: Path, release: str) -> Iterator[Rule]:
    try:
        (rows,) = parse_documents(path.read_text("utf-8"))
        for row in rows:
            kind, keys = Kind(row["kind"]), row["from"]
            unknown = set(row) - {"kind", "from", "to" if kind == Kind.MOVE else "why"}
            if unknown:
                raise ValueError(f"{kind} takes no {', '.join(sorted(unknown))}")
            target = tuple(row["to"].split(".")) if kind == Kind.MOVE else ()
            why = row["why"] if kind != Kind.MOVE else ""
            for key in [keys] if isinstance(keys, str) else keys:
                source = tuple(key.split("."))
                if target and source.count(ANY) != target.count(ANY):
                    raise ValueError(f"{key}: from and to have different numbers of *")
                yield Rule(kind, source, target, why, release)
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as wrong:
        raise CarbonError(
            f"{format_path(path)}: a rule is invalid: {wrong}",
            "The comment at the top of schemas/upgrade/migrations/0.2.0.yaml describes the rules.",
        ) from wrong


def select_rules(old: Side, new: Side, chart: str, reverse: bool = False) -> list[Rule]:
    """Return the rules that change a values file of a chart from one version to another.

    With `reverse` they change a file of `new` for `old`. A folder with charts has the changes since
    the newest release, whatever its version is.
    """
    released = {release.version for release in read_index()}
    is_folder = new.label not in released and new.root is not None
    found = [
        rule
        for rule in localize(read_rules(), chart)
        if _is_later(rule.release, old.version)
        and (is_folder or not _is_later(rule.release, new.version))
    ]
    if reverse:
        return [rule.reverse() for rule in reversed(found) if rule.kind == Kind.MOVE]
    return found


def _is_later(release: str, version: str) -> bool:
    return Version.is_valid(version) and Version.parse(release) > Version.parse(version)


def localize(rules: Iterable[Rule], chart: str) -> Iterator[Rule]:
    """Yield the rules about the values of a chart, with the keys of the chart's own values."""
    for rule in rules:
        source, target = (strip_chart(path, chart) for path in (rule.source, rule.target))
        if source and (target or rule.kind != Kind.MOVE):
            yield Rule(rule.kind, source, target, rule.why, rule.release)


def strip_chart(path: KeyPath, chart: str) -> KeyPath:
    """Return a key of the umbrella's values as a chart's own key; empty if it is none."""
    if chart == PLATFORM or path[:1] == (_SHARED,):
        return path
    return path[1:] if path[:1] == (chart,) else ()


def find_rule(chart: str, path: KeyPath, version: str) -> Rule | None:
    """Return the rule of a release after `version` about a key of a chart, or a map with the key.

    It is None if there is no such rule.
    """
    for rule in localize(read_rules(), chart):
        if path[: len(rule.source)] == rule.source and _is_later(rule.release, version):
            return rule
    return None
