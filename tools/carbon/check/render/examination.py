"""Examines one case: validates the values files, renders the chart and runs every rule."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from carbon.charts.discovery import read_chart
from carbon.charts.render import Output, Render, run_template
from carbon.check import rules
from carbon.check.capacity.comparison import COUNTED, find_miscounts
from carbon.check.causes.refusals import clean_message, locate_refusal
from carbon.check.engine.cases import HOSTILE, NAMESPACE, Case
from carbon.check.engine.checkout import Checkout, read_given_values, read_render_values
from carbon.check.engine.result import Result
from carbon.check.findings import RULES, Examine, Violation, declare, make_finding
from carbon.check.programs.kubeconform import VALID
from carbon.check.render.apis import list_apis
from carbon.check.render.comparisons import (
    HELMS,
    IDENTICAL,
    NAMES,
    compare_helms,
    compare_names,
    compare_texts,
    join_documents,
)
from carbon.check.render.objects import RenderedChart, list_objects
from carbon.check.render.places import find_place
from carbon.check.render.release_size import BUDGET, FITS, describe_excess, measure_release
from carbon.check.render.requests import REFUSES, Requests, compare_apis, find_requests
from carbon.check.render.shapes import ODD, find_shapeless
from carbon.check.sources.stated_values import find_stated_mistakes
from carbon.check.sources.values_files import check_values_file, lacks_values
from carbon.errors import CarbonError

ACCEPTED = declare(
    "render/accepted",
    "Helm renders the chart with every values file.",
    "Correct the values, or the template, at the line of this finding.",
)
_ = rules  # imported because the import registers the rules


def examine_case(root: Path, case: Case) -> Result:
    """Validate and render one case of a checkout, and run every rule."""
    return Examination(Checkout(root), case).run()


class Examination:
    """Examines one case (a chart with one set of values files), and collects the result."""

    def __init__(self, checkout: Checkout, case: Case) -> None:
        self.checkout = checkout
        self.case = case
        self.chart = read_chart(case.chart)
        self.render = Render(
            case.chart,
            case.values,
            release=case.release,
            namespace=NAMESPACE,
            kubernetes=f"{case.minors[-1]}.0",
            apis=list_apis(),
        )
        self.result = Result()
        self.renders = 0

    def run(self) -> Result:
        """Examine the case and return the result."""
        if self._check_values():
            if self.case.hostile:
                self._examine_hostile_names()
            elif (chart := self.examine_once()) is not None:
                self._examine_variants(chart)
            self.result.counts["renders"] = self.renders
        return self.result

    def examine_once(self) -> RenderedChart | None:
        """Render the case once and run the rules; return None if Helm refuses to render."""
        if (printed := self._render(self.render)) is None:
            return None
        chart = self._parse(printed, self.render)
        self._run_rules(chart)
        stated = find_stated_mistakes(self.chart, self.case.values, chart.values, self.case.ours)
        for name, what, file, line in stated:
            self._add(name, what, self.checkout.format_path(file), line)
        return chart

    def _run_rules(self, chart: RenderedChart, prefixes: str | tuple[str, ...] = "") -> None:
        """Run the rules whose names start with one of some prefixes."""
        for rule in RULES.values():
            wanted = rule.id.startswith(prefixes) and (self.case.ours or not rule.house)
            if rule.examine is not None and wanted:
                self._run_rule(rule.id, rule.examine, chart)

    def _run_rule(self, name: str, examine: Examine, chart: RenderedChart) -> None:
        try:
            for violation in examine(chart):
                self._add_violation(name, violation)
        except ODD as odd:
            for violation in find_shapeless(examine, chart, f"{name}: {odd!r}"):
                self._add_violation(VALID, violation)

    def _check_values(self) -> bool:
        schema = self.checkout.schema(self.chart)
        for path in self.case.values:
            self.result.findings += check_values_file(self.checkout, self.case.name, path, schema)
        return not self.result.findings

    def _examine_variants(self, chart: RenderedChart) -> None:
        """Compare with renders for an upgrade, by Helm 3, and without APIs; check sums and size."""
        for obj in chart.objects:
            self.result.objects[obj.digest] = obj
            self.result.rendered.append((obj.digest, obj.source, obj.identity))
        if not self._all_variants_equal(chart):
            self._compare_upgrade(chart.text)
            self._compare_helm_3(chart)
            self._render_without_apis(chart)
        for violation in find_miscounts(chart, self.render) if self.case.umbrella else ():
            self._add_violation(COUNTED, violation)
        self.result.counts["bytes"] = size = measure_release(self.chart, chart.text, chart.given)
        if size > BUDGET:
            self._add(FITS, describe_excess(size))

    def _all_variants_equal(self, chart: RenderedChart) -> bool:
        """Return whether one render that differs in every way from the first prints the same.

        The render is of Helm 3, for an upgrade under the oldest Kubernetes, on a cluster that has
        the APIs of the chart's objects only if the chart requests them. It then covers all these
        variants.
        """
        if not self.case.ours:
            return False
        render = replace(self._build_upgrade(), helm="helm3")
        try:
            requests = self._find_requests(chart, render)
        except CarbonError:
            return False
        self._run_rules(replace(chart, notes=requests.output.notes), "notes/")
        if join_documents(requests.output.text) != join_documents(chart.text):
            return False
        self._compare_apis(chart, requests)
        return True

    def _build_upgrade(self) -> Render:
        first = f"{self.case.minors[0]}.0"
        return replace(self.render, upgrade=True, kubernetes=first, known_good=True)

    def _compare_upgrade(self, printed: str) -> None:
        if self.case.ours:
            again = self._render(self._build_upgrade())
            if again is not None and again.text != printed:
                self._add(IDENTICAL, compare_texts(printed, again.text))

    def _compare_helm_3(self, chart: RenderedChart) -> None:
        third = self._render(replace(self.render, helm="helm3"))
        if third is None:
            return
        self._run_rules(replace(chart, notes=third.notes), "notes/")
        if third.text != chart.text:
            again = self._render(self.render)
            renders = (list_objects(each.documents) for each in (third, again or third))
            for violation in compare_helms(chart.objects, *renders):
                self._add_violation(HELMS, violation)

    def _render_without_apis(self, chart: RenderedChart) -> None:
        """Render for a cluster that has the APIs of the chart's objects only on request."""
        if self.case.ours:
            try:
                requests = self._find_requests(chart, replace(self.render, known_good=True))
            except CarbonError as refused:
                self._add_refusal(refused)
            else:
                self._compare_apis(chart, requests)

    def _find_requests(self, chart: RenderedChart, render: Render) -> Requests:
        requests = find_requests(render, chart.own)
        self.renders += requests.renders
        return requests

    def _compare_apis(self, chart: RenderedChart, requests: Requests) -> None:
        for violation in compare_apis(chart.own, requests.apis):
            self._add_violation(REFUSES, violation)

    def _examine_hostile_names(self) -> None:
        # The umbrella's subcharts are examined as charts of their own.
        sets = self.chart.without_subcharts if self.case.umbrella else ()
        alone = replace(self.render, sets=sets)
        plain = self._render(alone)
        if plain is None:
            return
        names = {obj.workload for obj in list_objects(plain.documents)}
        for release in HOSTILE:
            render = replace(alone, release=release, known_good=True)
            printed = self._render(render)
            if printed is None:
                continue
            chart = self._parse(printed, render)
            chosen = ("names/", "labels/instance") if self.case.ours else ("names/labels",)
            self._run_rules(chart, chosen)
            if self.case.ours:
                for violation in compare_names(chart, names):
                    self._add_violation(NAMES, violation)

    def _render(self, render: Render) -> Output | None:
        self.renders += 1
        try:
            return run_template(render)
        except CarbonError as refused:
            self._add_refusal(refused, render)
            return None

    def _parse(self, printed: Output, render: Render) -> RenderedChart:
        try:
            objects = list_objects(printed.documents)
        except ValueError as wrong:
            self._add(ACCEPTED, f"Helm prints invalid YAML: {' '.join(str(wrong).split())}")
            objects = ()
        return RenderedChart(
            name=self.case.name,
            objects=objects,
            text=printed.text,
            release=render.release,
            namespace=render.namespace,
            values=read_render_values(self.chart, self.case.values),
            given=read_given_values(self.case.values),
            components=self.checkout.rows(self.chart) if self.case.ours else (),
            is_default=not self.case.values,
            is_umbrella=self.case.umbrella,
        )

    def _add_violation(self, rule: str, violation: Violation) -> None:
        path, line, keys = find_place(self.chart, violation)
        fields = {"subject": violation.object.identity, "path": keys}
        self._add(rule, violation.what, self.checkout.format_path(path), line, **fields)

    def _add_refusal(self, refused: CarbonError, render: Render | None = None) -> None:
        what = refused.what.partition(": ")[2] or refused.what
        file, line = locate_refusal(self.chart, render or self.render, what)
        which = " under Helm 3" if render is not None and render.helm == "helm3" else ""
        message = f"refused{which}: {clean_message(what)}"
        if not lacks_values(self.checkout, self.chart, self.case.values):
            self._add(ACCEPTED, message, self.checkout.format_path(file), line)

    def _add(self, rule: str, what: str, file: str = "", line: int = 1, **fields: Any) -> None:
        """Add a finding once; `fields` are other arguments of make_finding."""
        file = file or self.checkout.format_path(self.chart.folder / "Chart.yaml")
        fields |= {"chart": self.case.name, "case": str(self.case)}
        finding = make_finding(rule, what, file, line, **fields)
        if finding not in self.result.findings:
            self.result.findings.append(finding)
