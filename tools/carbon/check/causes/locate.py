"""Locates the cause of each finding in a chart with one set of values files (a case).

A field with a value is traced to the value's origin: a key of the values, or a text in a template.
A field that is absent is traced to the named template that renders its neighbours, if that named
template does the same in every object that includes it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon.charts.discovery import Chart
from carbon.check.causes import fields, marks
from carbon.check.causes.arguments import Field, find_argument, find_metadata
from carbon.check.causes.copies import Copies
from carbon.check.causes.marks import Occurrence
from carbon.check.causes.tracer import Tracer
from carbon.check.causes.values import (
    Leaf,
    is_chosen,
    list_contained,
    list_maps,
    list_others,
    list_scalars,
)
from carbon.check.findings import RULES, Finding
from carbon.check.render.objects import RenderedObject
from carbon.check.sources.lines import count_line

_SHORT = 2
"""Minimum length of a text that is searched in templates; shorter texts occur by accident."""
_DEPTH = 3
"""Maximum number of helpers that pass a value on to each other."""
_DIRECT = re.compile(r"\.Values|\binclude\b")
_READ = re.compile(r"\.([a-z]\w*)\b(?!\s*\.)")


@dataclass(frozen=True)
class Cause:
    """The line that causes a finding."""

    file: Path
    line: int
    shared: bool = False
    """True if the line counts only if findings about several objects have it."""


Report = Callable[..., set[str]]
"""Returns the objects, by Kind/name, that a rule reports. Takes the rule, objects and values."""


class Locator:
    """Finds the causes of findings in one chart with one set of values files (a case)."""

    def __init__(
        self,
        chart: Chart,
        copies: Copies,
        values: Any,
        files: Sequence[Path],
        report: Report,
    ) -> None:
        self._chart = chart
        self._report = report
        self._copies = copies
        self._tracer = Tracer(copies, values)
        self._values = values
        self._files = files
        self._rule = ""
        self._wrong: set[str] = set()

    def locate(self, finding: Finding, wrong: set[str]) -> Cause | None:
        """Return the cause of a finding; None if it is not known.

        `wrong` is every object, as Kind/name, about which the rule reports.
        """
        self._rule = finding.rule
        self._wrong = {strip_hash(each) for each in wrong}
        obj = self._copies.base.get(strip_hash(finding.subject))
        if obj is None or not finding.path:
            return None
        path, _ = fields.resolve(obj.body, finding.path)
        if not path:  # such as a field that the pod lacks
            path = fields.resolve(obj.body, ("containers",))[0][:-1]
        if not path:
            return None
        value = fields.read(obj.body, path)
        source, name = obj.source, obj.workload
        if fields.is_scalar(value):
            found = self._locate_value(source, name, path, value)
            if found is None and isinstance(value, str):
                found = self._locate_contained(source, name, path, value, finding)
        else:
            found = self._locate_leaf(
                list_maps(self._chart, source, self._values, path, value), name, path
            )
            if found is None and isinstance(value, dict):
                found = self._locate_neighbours(source, name, path, value, self._wrong)
        if found is None and (found := self._locate_key(obj, path)) is None:
            found = (place := find_metadata(self._chart, obj, finding.path)) and Cause(*place)
        return found

    def _locate_leaf(self, leaves: Sequence[Leaf], name: str, path: fields.Path) -> Cause | None:
        """Return the line of a value; None if the template that renders the value is the cause."""
        if (leaf := self._tracer.find_leaf(leaves, name, path)) is None:
            return None
        file, line = leaf.find(self._chart, self._files)
        if file.parent.name == "ci" or not self._is_wrong(leaf, name):
            return None
        return Cause(file, line)

    def _is_wrong(self, leaf: Leaf, name: str) -> bool:
        """Return whether another value ends the violation of the rule, as far as that is known.

        If the API server refuses a boolean or an enum of the chart's schema, the template is wrong.
        """
        rule = self._rule
        if rule.startswith("kubernetes/"):
            return not is_chosen(self._chart, leaf.path)
        if rule not in RULES or RULES[rule].examine is None:
            return True
        renders = (self._tracer.render_change(leaf, each) for each in list_others(leaf.value))
        known = [each for each in renders if each is not None and name in each]
        return not known or any(name not in self._report(rule, each) for each in known)

    def _locate_value(self, source: str, name: str, path: fields.Path, value: Any) -> Cause | None:
        leaves = list_scalars(self._chart, source, self._values, value)
        if (cause := self._locate_leaf(leaves, name, path)) is not None:
            return cause
        if isinstance(value, bool) or len(str(value)) < _SHORT:
            return None
        texts = self._tracer.read_texts(source)
        one = self._tracer.find_occurrence(texts, marks.find_values(texts, value), name, path)
        return Cause(one.file, one.line) if one else None

    def _locate_contained(
        self, source: str, name: str, path: fields.Path, value: str, finding: Finding
    ) -> Cause | None:
        """Return the line of a value that a field contains, if its change ends the violation."""
        leaves = list_contained(self._chart, source, self._values, value)
        for leaf in self._tracer.find_all(leaves, name, path):
            objects = self._tracer.render_change(leaf)
            if objects and name not in self._report(finding.rule, objects):
                return Cause(*leaf.find(self._chart, self._files))
        return None

    def _locate_key(self, obj: RenderedObject, path: fields.Path) -> Cause | None:
        """Return the line of the last key of a path that a template contains."""
        source, name = obj.source, obj.workload
        for end in range(len(path), 0, -1):
            key = path[end - 1]
            if isinstance(key, int):
                if (entry := self._locate_entry(source, name, path[:end])) is not None:
                    return entry
                continue
            for marked, one in self._tracer.mark(source, key).get(name, ()):
                if marked == path[:end]:
                    passed = self._locate_passed(source, name, path, one)
                    where = Field(obj, path, key, one)
                    return passed or Cause(*find_argument(self._tracer, where, self._wrong))
        return None

    def _locate_entry(self, source: str, name: str, path: fields.Path) -> Cause | None:
        """Return the line of an entry of a list, such as a container."""
        entry = fields.read(self._copies.base[name].body, path)
        if not isinstance(entry, dict):
            return None
        begin = re.compile(rf"^\s*- (.*\s)?name:\s*\"?{re.escape(str(entry.get('name')))}\b")
        first = None
        for key in entry:
            for marked, one in self._tracer.mark(source, key).get(name, ()):
                if marked == (*path, key):
                    lines = one.file.read_text("utf-8").splitlines()[: one.line]
                    above = [at for at, line in enumerate(lines, 1) if begin.match(line)]
                    if above:
                        return Cause(one.file, above[-1])
                    first = first or Cause(one.file, one.line)
        return first

    def _locate_passed(
        self, source: str, name: str, path: fields.Path, one: Occurrence, depth: int = 0
    ) -> Cause | None:
        """Return the line of the helper's field that a line reads, such as `port: {{ .port }}`."""
        texts = self._tracer.read_texts(source)
        line = texts[one.file].splitlines()[one.line - 1]
        value = fields.read(self._copies.base[name].body, path)
        if _DIRECT.search(line) or not fields.is_scalar(value) or isinstance(value, bool):
            return None
        found = []
        for key in _list_keys(line[line.find(":") :], texts.values()):
            pattern = re.compile(rf"(?<![\w.-]){key}:[ ]*((?:\{{\{{.*?\}}\}}|[^,\n{{}}])+)")
            found += [
                Occurrence(file, match.start(1), match.end(1), count_line(text, match.start()))
                for file, text in texts.items()
                for match in pattern.finditer(text)
                if (file, count_line(text, match.start())) != (one.file, one.line)
            ]
        hit = self._tracer.find_occurrence(texts, found, name, path)
        if hit is None or depth > _DEPTH:
            return None
        deeper = self._locate_passed(source, name, path, hit, depth + 1)
        return deeper or Cause(hit.file, hit.line)

    def _locate_neighbours(
        self, source: str, name: str, path: fields.Path, node: dict[str, Any], wrong: set[str]
    ) -> Cause | None:
        """Return the first line of a map's keys in the file of named templates with most of them.

        None if it also renders such a map in an object about which the rule does not report.
        """
        lines: Counter[Path] = Counter()
        first: dict[Path, Occurrence] = {}
        users: dict[Path, set[str]] = {}
        for key in node:
            for user, found in self._tracer.mark(source, key).items():
                for marked, one in found:
                    if not (_alike(marked[:-1], path) and one.file.name.startswith("_")):
                        continue
                    users.setdefault(one.file, set()).add(user)
                    if user == name and marked[:-1] == path:
                        lines[one.file] += 1
                        first.setdefault(one.file, one)
        for file, _ in lines.most_common():
            if users[file] <= wrong:
                return Cause(file, first[file].line, shared=True)
        return None


def strip_hash(subject: str) -> str:
    """Return Kind/name without the hash at the end of a Job's name."""
    return re.sub(r"-[0-9a-f]{8}$", "", subject) if subject.startswith("Job/") else subject


def _list_keys(text: str, texts: Iterable[str]) -> list[str]:
    """Return the keys that an action reads, and those that a `dict` sets them from."""
    keys = list(dict.fromkeys(_READ.findall(text)))
    for key in keys:  # the loop also visits the keys that it adds
        for other in texts:
            found = re.findall(rf'"{key}"\s+\.([a-z]\w*)\b', other)
            keys += [each for each in dict.fromkeys(found) if each not in keys]
    return keys


def _alike(one: fields.Path, other: fields.Path) -> bool:
    """Return whether two paths end with the same keys, as in a Deployment and in a Pod."""
    ends = ([step for step in path if isinstance(step, str)][-2:] for path in (one, other))
    return next(ends) == next(ends)
