"""Examining one case: its values, its renders, and every rule over what is drawn."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from carbon.charts.discovery import Chart
from carbon.charts.files import read_yaml
from carbon.charts.render import Render, identity, text
from carbon.check import documents, rules, size, values
from carbon.check.cases import HOSTILE, NAMESPACE, RELEASE, Case
from carbon.check.drawn import Drawn, Thing, parsed
from carbon.check.findings import RULES, Examine, Fault, Finding, declare
from carbon.check.locate import in_template
from carbon.check.result import Document, Result
from carbon.check.site import Site, all_values, apis
from carbon.errors import CarbonError

ACCEPTED = declare(
    "render/accepted",
    "Helm renders the chart with these values.",
    "Correct the values, or the template where it breaks.",
)
IDENTICAL = declare(
    "render/identical",
    "A second render, as an upgrade and under the oldest Kubernetes, is the same to the byte.",
    "Remove what depends on time, chance, the cluster or the kind of operation.",
    house=True,
)
HELMS = declare(
    "render/helms",
    "Helm 3 and Helm 4 draw the same objects.",
    "Avoid what they treat differently: null over a subchart's default, number formats.",
)
REFUSES = declare(
    "render/refuses",
    "Where the cluster lacks an API, the chart refuses with a message instead of drawing.",
    "Write a check with common.needsApi.",
    house=True,
)
NAMES = declare(
    "names/release",
    "No object's name holds the release's name, which may begin with a digit.",
    "Name it with common.name.",
    house=True,
)
_ = rules  # imported for its rules
_AT = re.compile(r"\(?([\w./-]+/templates/[\w./-]+):(\d+)")
_NOISE = re.compile(r"level=(INFO|WARN)|Use --debug flag")
"""What Helm says beside what is wrong."""
_BETWEEN = re.compile(r"\n+(?=---\n|\Z)")
_LACKS = "the cluster has no API"


class Examination:
    """One case and what was found in it."""

    def __init__(self, site: Site, case: Case) -> None:
        self.site = site
        self.case = case
        self.chart = Chart(case.chart, read_yaml(case.chart / "Chart.yaml"))
        self.render = Render(
            case.chart,
            case.values,
            release=RELEASE,
            namespace=NAMESPACE,
            kubernetes=f"{case.minors[-1]}.0",
            apis=apis(),
        )
        self.result = Result()
        self.renders = 0

    def run(self) -> Result:
        """Examine it."""
        if self._values_are_good():
            if self.case.hostile:
                self._hostile()
            elif (drawn := self.draw()) is not None:
                self._plain(drawn)
            self.result.counts["renders"] = self.renders
        return self.result

    def draw(self) -> Drawn | None:
        """Render it once and examine what is drawn by the rules; None if it is refused."""
        printed = self._text(self.render)
        if printed is None:
            return None
        drawn = self._drawn(printed, self.render)
        for rule in RULES.values():
            if rule.examine is not None and (self.case.ours or not rule.house):
                self._rule(rule.id, rule.examine, drawn)
        return drawn

    def _rule(self, name: str, examine: Examine, drawn: Drawn) -> None:
        try:
            for fault in examine(drawn):
                self._found(name, fault)
        except (KeyError, TypeError, AttributeError, ValueError) as odd:
            # Schemas say so too, for kinds that have one.
            self._said(documents.VALID, f"{name}: an object is not shaped as its kind: {odd!r}")

    def _values_are_good(self) -> bool:
        schema = self.site.schema(self.chart)
        for path in self.case.values:
            self.result.findings += values.findings(self.site, self.case.name, path, schema)
        return not self.result.findings

    def _plain(self, drawn: Drawn) -> None:
        for thing in drawn.things:
            document = Document(thing.digest, thing.text, thing.body)
            self.result.documents[thing.digest] = document
            self.result.drawn.append((thing.digest, thing.source, thing.identity))
        if not self._same_otherwise(drawn.text):
            self._again(drawn.text)
            self._with_helm_3(drawn.text)
        self._without_apis(drawn)
        large = size.of_release(self.chart, drawn.text)
        self.result.counts["bytes"] = large
        if large > size.BUDGET:
            what = (
                f"a release takes {large // 1024} KiB of the {size.MOST // 1024} that a Secret has"
            )
            self._said(size.FITS, what)

    def _same_otherwise(self, printed: str) -> bool:
        """Whether Helm 3 prints the same, as an upgrade and under the oldest Kubernetes.

        Then neither of these makes a difference, and one render has shown it.
        """
        if not self.case.ours:
            return False
        self.renders += 1
        try:
            other = text(replace(self._otherwise(), helm="helm3"))
        except CarbonError:
            return False
        return _joined(other) == _joined(printed)

    def _otherwise(self) -> Render:
        first = f"{self.case.minors[0]}.0"
        return replace(self.render, upgrade=True, kubernetes=first, known_good=True)

    def _again(self, printed: str) -> None:
        if self.case.ours:
            again = self._text(self._otherwise())
            if again is not None and again != printed:
                one, other = printed.splitlines(), again.splitlines()
                pairs = zip(one, other, strict=False)
                where = next(((a, b) for a, b in pairs if a != b), ("…", "…"))
                self._said(IDENTICAL, f"{where[0].strip()[:80]} became {where[1].strip()[:80]}")

    def _with_helm_3(self, printed: str) -> None:
        third = self._text(replace(self.render, helm="helm3"))
        if third is None or third == printed:
            return
        mine = {thing.identity: thing for thing in parsed(printed)}
        other = {thing.identity: thing for thing in parsed(third)}
        for name in sorted(mine.keys() | other.keys()):
            one, two = mine.get(name), other.get(name)
            if one is None or two is None or one.body != two.body:
                thing = one or two
                if thing is not None:
                    self._found(HELMS, Fault(thing, (), f"{name} differs under Helm 3"))

    def _without_apis(self, drawn: Drawn) -> None:
        known = set(self.render.apis)
        asked = [t for t in drawn.things if str(t.body.get("apiVersion")) in known]
        if not (asked and self.case.ours):
            return
        self.renders += 1
        try:
            text(replace(self.render, apis=(), known_good=True))
        except CarbonError as refused:
            if _LACKS in refused.what:
                return
            self._refused(refused)
            return
        thing = asked[0]
        wrong = f"{thing.identity} is drawn although there is no {thing.body['apiVersion']}"
        self._found(REFUSES, Fault(thing, ("apiVersion",), wrong))

    def _hostile(self) -> None:
        # An umbrella's parts see all of them by themselves.
        alone = replace(self.render, sets=self.chart.alone if self.case.umbrella else ())
        plain = self._text(alone)
        if plain is None:
            return
        names = {thing.workload for thing in parsed(plain)}
        for release in HOSTILE:
            render = replace(alone, release=release, known_good=True)
            printed = self._text(render)
            if printed is None:
                continue
            drawn = self._drawn(printed, render)
            chosen = ("names/", "labels/instance") if self.case.ours else ("names/labels",)
            for rule in RULES.values():
                if rule.examine is not None and rule.id.startswith(chosen):
                    self._rule(rule.id, rule.examine, drawn)
            for thing in drawn.things if self.case.ours else ():
                if thing.workload not in names:
                    wrong = f"{thing.identity} is called so only in the release {release}"
                    self._found(NAMES, Fault(thing, ("metadata", "name"), wrong))

    def _text(self, render: Render) -> str | None:
        self.renders += 1
        try:
            return text(render)
        except CarbonError as refused:
            self._refused(refused, render)
            return None

    def _drawn(self, printed: str, render: Render) -> Drawn:
        try:
            things = parsed(printed)
        except yaml.YAMLError as wrong:
            self._said(ACCEPTED, f"what is drawn is no YAML: {' '.join(str(wrong).split())}")
            things = ()
        return Drawn(
            chart=self.case.name,
            things=things,
            text=printed,
            release=render.release,
            namespace=render.namespace,
            values=all_values(self.chart, self.case.values),
            components=self.site.rows(self.chart) if self.case.ours else (),
            is_default=not self.case.values,
            is_umbrella=self.case.umbrella,
        )

    def _found(self, rule: str, fault: Fault) -> None:
        path = source(self.chart, fault.thing)
        line = in_template(path, fault.path, fault.thing.kind)
        self._said(rule, fault.what, self.site.shown(path), line, identity(fault.thing.body))

    def _refused(self, refused: CarbonError, render: Render | None = None) -> None:
        what = refused.what.partition(": ")[2] or refused.what
        at = _AT.search(what)
        file, line = (self.chart.folder / "Chart.yaml", 1)
        if at is not None:
            file, line = template(self.chart, at[1]), int(at[2])
        which = " under Helm 3" if render is not None and render.helm == "helm3" else ""
        lines = (part.strip() for part in what.splitlines())
        said = "\n".join(line for line in lines if line and not _NOISE.match(line))
        self._said(ACCEPTED, f"refused{which}: {said}", self.site.shown(file), line)

    def _said(self, rule: str, what: str, file: str = "", line: int = 1, subject: str = "") -> None:
        file = file or self.site.shown(self.chart.folder / "Chart.yaml")
        finding = Finding(
            rule, self.case.name, str(self.case), file, line, what, RULES[rule].remedy, subject
        )
        if finding not in self.result.findings:
            self.result.findings.append(finding)


def _joined(printed: str) -> str:
    """What Helm printed without the empty lines that Helm 4 leaves between documents."""
    return _BETWEEN.sub("\n", printed)


def template(chart: Chart, source: str) -> Path:
    """The file of a template that Helm names, links resolved: `254carbon/charts/mlflow/…`."""
    return (chart.folder / source.partition("/")[2]).resolve()


def source(chart: Chart, thing: Thing) -> Path:
    """The file of the template that drew an object."""
    return template(chart, thing.source) if thing.source else chart.folder / "Chart.yaml"


def examined(root: Path, case: Case) -> Result:
    """Examine a case; what a worker runs."""
    return Examination(Site(root), case).run()


def every(root: Path, some: list[Case]) -> Iterator[Result]:
    """Examine several cases, one after the other."""
    for case in some:
        yield examined(root, case)
