"""The report as JUnit XML, for CI: a test case for each rule and chart."""

from xml.etree import ElementTree

from carbon.check.engine.report import Report, check_of
from carbon.check.findings import RULES


def write_report(report: Report) -> str:
    """Return the report as JUnit XML."""
    root = ElementTree.Element("testsuites", name="carbon check")
    for chart in [*report.charts, ""]:
        suite = ElementTree.SubElement(root, "testsuite", name=chart or "checkout")
        cases = [
            _make_case(report, chart, rule) for rule in RULES if check_of(rule) in report.checks
        ]
        shown = [each for each in cases if chart or len(each)]
        suite.extend(shown)
        suite.set("tests", str(len(shown)))
        suite.set("failures", str(sum(1 for each in shown if len(each))))
        if not shown:
            root.remove(suite)
    return ElementTree.tostring(root, encoding="unicode")


def _make_case(report: Report, chart: str, rule: str) -> ElementTree.Element:
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
