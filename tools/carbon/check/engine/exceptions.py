"""Exceptions from rules, each with a reason: `schemas/exceptions.yaml` of a checkout.

`published` lists rules of kube-score and checkov that the project does not follow, with the kinds
of objects. `exceptions` lists objects about which a rule may report.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from carbon.check.causes.locate import strip_hash
from carbon.check.engine.report import check_of
from carbon.check.findings import Finding, declare, make_finding
from carbon.check.sources.lines import find_in_yaml
from carbon.errors import CarbonError
from carbon.files import read_yaml

FILE = Path("schemas") / "exceptions.yaml"
STATED = declare(
    "exceptions/stated",
    "Every exception states one rule, the objects that it excuses, and the reason.",
    "Write an exception as {rule, objects: [Kind/name, …], why}; `text` and `chart` may narrow it. "
    "Below `published`, write {rule, kinds, why} to ignore a rule of kube-score or checkov.",
    house=True,
)
UNUSED = declare(
    "exceptions/used",
    "Every object and every kind in an exception has a finding that the exception excuses.",
    f"Correct the name of the object or the kind, or remove it from {FILE}.",
    house=True,
)
NARROW = declare(
    "exceptions/narrow",
    "A pattern of an exception excuses every object that it matches.",
    "Write the names of the objects in place of the pattern.",
    house=True,
)
PUBLISHED = ("checkov/", "kube-score/")
_KEYS = {"published": {"rule", "kinds", "why"}, "exceptions": {"rule", "objects", "why"}}
_MORE = {"published": set[str](), "exceptions": {"chart", "text"}}
_PATTERN = frozenset("*?[")


@dataclass(frozen=True)
class RuleException:
    """One accepted kind of finding."""

    rule: str
    why: str
    objects: tuple[str, ...]
    """Each is Kind/name, without the hash of a Job's name, or a pattern such as Pod/*-test."""
    chart: str = "*"
    text: str = ""
    """Part of the message; empty for every message."""
    line: int = 1
    by_kind: bool = False
    """True if the exception covers all objects of its kinds."""

    def find_match(self, finding: Finding) -> str | None:
        """Return the entry of `objects` that covers a finding; None without one."""
        if (
            finding.rule != self.rule
            or not fnmatchcase(finding.chart, self.chart)
            or self.text not in finding.what
        ):
            return None
        subject = strip_hash(finding.subject)
        return next((entry for entry in self.objects if fnmatchcase(subject, entry)), None)


def is_published(rule: str) -> bool:
    """Return whether a rule is one of kube-score or checkov."""
    return rule.startswith(PUBLISHED)


def read_exceptions(root: Path) -> tuple[list[RuleException], list[Finding]]:
    """Return the exceptions of a checkout, and a finding for each that states too little."""
    path = root / FILE
    if not path.exists():
        return [], []
    try:
        content = read_yaml(path)
    except CarbonError as wrong:
        where, _, what = wrong.what.partition(": ")
        number = where.rpartition(":")[2]
        line = int(number) if number.isdigit() else 1
        return [], [make_finding(STATED, what or where, str(FILE), line)]
    found, wrongs = [], []
    for section in _KEYS:
        for at, row in enumerate(content.get(section) or []):
            line = find_in_yaml(path, [section, at])
            if errors := list(_find_errors(section, row)):
                what = f"the exception from {_read_rule(row)} {' and '.join(errors)}"
                wrongs.append(make_finding(STATED, what, str(FILE), line))
            else:
                found.append(_build(section, row, line))
    return found, wrongs


def _read_rule(row: Any) -> str:
    return str(row.get("rule", "?")) if isinstance(row, Mapping) else "?"


def _find_errors(section: str, row: Any) -> Iterator[str]:
    """Yield what is wrong with an exception, each as the predicate of a sentence."""
    if not isinstance(row, Mapping):
        yield "is not a map"
        return
    needed, more = _KEYS[section], _MORE[section]
    for key in sorted(needed - row.keys()):
        yield f"states no {key}"
    for key in sorted(row.keys() - needed - more):
        yield f"has the unknown key {key}"
    rule = str(row.get("rule", ""))
    if _PATTERN & set(rule):
        yield "has a pattern in place of a rule"
    if section == "published" and not is_published(rule):
        yield "names a rule of this project: move the exception from `published` to `exceptions`"
    for key in needed & {"objects", "kinds"} & row.keys():
        if not (isinstance(row[key], list) and row[key]):
            yield f"has no list of {key}"
        elif key == "objects":
            for entry in row[key]:
                kind, slash, name = str(entry).partition("/")
                if not (slash and name) or _PATTERN & set(kind):
                    yield f"has {entry} in place of Kind/name"


def _build(section: str, row: Mapping[str, Any], line: int) -> RuleException:
    by_kind = section == "published"
    entries = (f"{kind}/*" for kind in row["kinds"]) if by_kind else map(str, row["objects"])
    more = {key: str(row[key]) for key in _MORE[section] & row.keys()}
    return RuleException(
        row["rule"], row["why"], tuple(entries), **more, line=line, by_kind=by_kind
    )


def apply_exceptions(
    findings: Iterable[Finding],
    exceptions: list[RuleException],
    rendered: Collection[tuple[str, str]],
    checks: Collection[str],
    ours: Collection[str] | None = None,
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that remain, and those that an exception covers.

    An exception without a finding is itself a finding, and so is a pattern that is too wide, if the
    rule belongs to one of `checks`, the checks that covered every chart. `rendered` is the chart
    and Kind/name of every object. Exceptions of the section `published` apply to every chart, all
    others to the charts in `ours` only, or to every chart if `ours` is None.
    """
    left: list[Finding] = []
    excused: list[Finding] = []
    used: dict[tuple[RuleException, str], set[str]] = {}
    for finding in findings:
        applied = [e for e in exceptions if e.by_kind or ours is None or finding.chart in ours]
        matching = [(e, entry) for e in applied if (entry := e.find_match(finding))]
        for each in matching:
            used.setdefault(each, set()).add(strip_hash(finding.subject))
        (excused if matching else left).append(finding)
    for exception in exceptions:
        for entry in exception.objects if check_of(exception.rule) in checks else ():
            names = used.get((exception, entry), set())
            left += _judge(exception, entry, names, rendered, left)
    return left, excused


def _judge(
    exception: RuleException,
    entry: str,
    names: set[str],
    rendered: Collection[tuple[str, str]],
    left: list[Finding],
) -> list[Finding]:
    """Return the findings about an exception that excuses nothing, or more than it must."""
    shown = entry.removesuffix("/*") if exception.by_kind else entry
    if not names:
        others = {strip_hash(each.subject) for each in left if each.rule == exception.rule}
        kind = entry.partition("/")[0]
        near = sorted(each for each in others if each.startswith(f"{kind}/"))
        what = f"no finding of {exception.rule} is about {shown}"
        what += f"; the rule reports {', '.join(near)}, which no exception names" if near else ""
        return [make_finding(UNUSED, what, str(FILE), exception.line)]
    if exception.by_kind or not _PATTERN & set(entry):
        return []
    there = {
        strip_hash(name)
        for chart, name in rendered
        if fnmatchcase(strip_hash(name), entry) and fnmatchcase(chart, exception.chart)
    }
    if len(names) > 1 and there <= names:
        return []
    what = f"{entry} in the exception from {exception.rule} excuses {', '.join(sorted(names))}"
    what += f", and matches {', '.join(sorted(there - names))} too" if there - names else " only"
    return [make_finding(NARROW, what, str(FILE), exception.line)]
