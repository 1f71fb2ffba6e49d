"""The report as JSON, for programs."""

import json

from carbon.check.engine.report import Report, check_of


def write_report(report: Report) -> str:
    """Return the report as JSON."""
    findings = [
        finding.to_dict() | {"check": check_of(finding.rule), "cases": report.cases[finding.key]}
        for finding in report.findings
    ]
    whole = {
        "conforms": not report.findings,
        "charts": {name: report.counts.get(name, {}) for name in report.charts},
        "checks": report.checks,
        "kubernetes": list(report.minors),
        "findings": findings,
        "excused": [finding.to_dict() for finding in report.excused],
        "results": {"all": report.tasks, "from cache": report.reused},
        "upgrade": report.upgrade.to_dict() if report.upgrade else None,
        "seed": report.seed if "deep" in report.checks else None,
        "seconds": round(report.seconds, 3),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)
