"""The report as an HTML page: charts by checks, findings, the services table, rules."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from carbon.check.engine.report import CHECKS, Report, check_of
from carbon.check.findings import RULES

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; }
body { max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem; }
th, td { text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
code { font: 13px ui-monospace, monospace; } small { opacity: .7; }
pre { white-space: pre-wrap; margin: 0; }
"""
HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>carbon check</title>'
COUNTS = ("renders", "objects", "distinct", "tests", "bytes")


def write_report(report: Report) -> str:
    """Return the report as one HTML page without other files."""
    verdict = "conforms" if not report.findings else f"{len(report.findings)} findings"
    parts = [
        f"<h1>carbon check: <span class={_choose_class(not report.findings)}>{verdict}</span></h1>",
        f"<p>Kubernetes {', '.join(report.minors)}; Helm 3 and 4; {report.seconds:.1f} s</p>",
        "<h2>Charts</h2>",
        _make_table(("chart", *report.checks, *COUNTS), _list_charts(report)),
        "<h2>Findings</h2>",
        _make_table(("file", "rule", "finding", "remedy"), _list_findings(report)),
        _make_matrix(report.services),
        "<h2>Rules</h2>",
        _make_table(("rule", "check", "requirement"), _list_rules(report)),
    ]
    return f"{HEAD}<style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"


def _list_charts(report: Report) -> Iterable[list[str]]:
    for chart in report.charts:
        broken = [report.count_findings(chart, check) for check in report.checks]
        marks = [
            f"<span class={_choose_class(not n)}>{f'✗ {n}' if n else '✓'}</span>" for n in broken
        ]
        counts = report.counts.get(chart, {})
        yield [escape(chart), *marks, *(str(counts.get(name, "")) for name in COUNTS)]


def _list_findings(report: Report) -> Iterable[list[str]]:
    for each in report.findings:
        cases = "<br>".join(escape(case) for case in report.cases[each.key])
        what = f"<pre>{escape(each.what)}</pre><small>{cases}</small>"
        where = f"<code>{escape(each.file)}:{each.line}</code>"
        yield [where, f"<code>{escape(each.rule)}</code>", what, escape(each.remedy)]
    for each in report.excused:
        yield [escape(each.file), f"<code>{escape(each.rule)}</code>", escape(each.what), "excused"]


def _list_rules(report: Report) -> Iterable[list[str]]:
    order = list(CHECKS)
    for rule in sorted(RULES.values(), key=lambda r: (order.index(check_of(r.id)), r.id)):
        if check_of(rule.id) in report.checks:
            yield [f"<code>{escape(rule.id)}</code>", check_of(rule.id), escape(rule.about)]


def _make_matrix(services: Mapping[str, Any]) -> str:
    """Return the services table as a matrix: clients in columns, services in rows."""
    if not services:
        return ""
    edges = {name: _list_clients(entry) for name, entry in services.items()}
    callers = sorted({client for clients in edges.values() for client in clients})
    rows = [
        [escape(name), *(escape(clients.get(caller, "")) for caller in callers)]
        for name, clients in edges.items()
    ]
    about = "A client (column) is allowed to connect to a service (row) on these ports."
    title = f"<h2>Services table</h2><p>{about}</p>"
    return title + _make_table(("", *map(escape, callers)), rows)


def _list_clients(entry: Any) -> dict[str, str]:
    """Return the allowed ports of each client of a service, with the access if it is limited."""
    found: dict[str, list[str]] = {}
    for name, port in (entry.get("ports") or {}).items() if isinstance(entry, Mapping) else ():
        numbers = str(port.get("number", name)) + (f"-{port['end']}" if "end" in port else "")
        for client, access in (port.get("clients") or {}).items():
            if access != "none":
                what = "" if access == "all" else f" ({access})"
                found.setdefault(str(client), []).append(f"{numbers}{what}")
    return {client: ", ".join(ports) for client, ports in found.items()}


def _make_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["".join(f"<td{_format_number(cell)}>{cell}</td>" for cell in row) for row in rows]
    if not lines:
        return "<p>None.</p>"
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{body}</table>"


def _format_number(cell: str) -> str:
    return " class=n" if cell.isdigit() else ""


def _choose_class(good: bool) -> str:
    return "good" if good else "bad"
