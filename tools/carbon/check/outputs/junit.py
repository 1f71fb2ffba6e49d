"""For test runners: a test case a rule and chart, as JUnit XML."""

from xml.etree import ElementTree

from carbon.check.engine.report import Report, check_of
from carbon.check.findings import RULES


def write_report(report: Report) -> str:
    """The report as JUnit XML."""
    root = ElementTree.Element("testsuites", name="carbon check")
    for chart in [*report.charts, ""]:
        suite = ElementTree.SubElement(root, "testsuite", name=chart or "checkout")
        cases = [_case(report, chart, rule) for rule in RULES if check_of(rule) in report.checks]
        kept = [each for each in cases if chart or len(each)]
        suite.extend(kept)
        suite.set("tests", str(len(kept)))
        suite.set("failures", str(sum(1 for each in kept if len(each))))
        if not kept:
            root.remove(suite)
    return ElementTree.tostring(root, encoding="unicode")


def _case(report: Report, chart: str, rule: str) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", name=rule, classname=f"{chart or 'checkout'}.{check_of(rule)}"
    )
    lines = [
        f"{f.file}:{f.line}: {f.what}\n  → {f.remedy}"
        for f in report.findings
        if f.rule == rule and any(where.startswith(f"{chart}: ") for where in report.cases[f.key])
    ]
    if lines:
        failure = ElementTree.SubElement(case, "failure", message=RULES[rule].about)
        failure.text = "\n".join(lines)
    return case
