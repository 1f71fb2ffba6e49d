"""Alerts: the fields with which a person who is on call can act."""

import re
from collections import Counter
from collections.abc import Iterator

from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, to_json
from carbon.check.rules.monitoring.sources import list_alerts

SEVERITIES = ("critical", "warning", "info")


@rule("alerts/fields", "Set severity, summary, runbook_url and `for`.", house=True)
def check_fields(chart: RenderedChart) -> Iterator[Violation]:
    """Every alert has a severity, a summary, a runbook and a duration."""
    for alert in list_alerts(chart):
        if "alert" not in alert.rule:
            continue
        severity = (alert.rule.get("labels") or {}).get("severity")
        notes = alert.rule.get("annotations") or {}
        runbook = f"/{alert.group}.md#{alert.name.lower()}"
        if severity not in SEVERITIES:
            yield alert.report(f"severity is {severity}, not one of {', '.join(SEVERITIES)}")
        if not notes.get("summary"):
            yield alert.report("there is no annotation `summary`")
        if not str(notes.get("runbook_url")).endswith(runbook):
            yield alert.report(
                f"runbook_url {notes.get('runbook_url')} does not end with {runbook}"
            )
        if "for" not in alert.rule:
            yield alert.report("without `for`, one failed scrape fires the alert")


@rule("alerts/unique", "Rename one of the alerts.", house=True)
def check_unique(chart: RenderedChart) -> Iterator[Violation]:
    """No two alerts have the same name: the name leads to the section of a runbook."""
    alerts = [alert for alert in list_alerts(chart) if "alert" in alert.rule]
    counts = Counter(alert.name for alert in alerts)
    for alert in alerts:
        if counts[alert.name] > 1:
            yield alert.report(f"{counts[alert.name]} alerts have this name")


@rule("alerts/placeholder", "Pass the value in `fill` of common.prometheusRule.", house=True)
def check_placeholder(chart: RenderedChart) -> Iterator[Violation]:
    """No rendered alert contains a placeholder such as ${name}."""
    for alert in list_alerts(chart):
        for name in sorted(set(re.findall(r"\$\{(\w*)\}?", to_json(alert.rule)))):
            yield alert.report(f"the placeholder ${{{name}}} has no value")
