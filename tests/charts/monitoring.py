"""Rendered alerting rules, dashboards and known metrics of all charts."""

import re
from functools import cache

import promql_parser
from tests.charts.cases import APIS, CHARTS

from carbon.charts.alerts import render_rules
from carbon.charts.generate import dashboards
from carbon.files import read_yaml
from carbon.home import ROOT

SUFFIXES = ("_bucket", "_sum", "_count")
"""Suffixes of the series of a histogram or a summary."""
METRICS = ROOT / "schemas" / "metrics"
RUNBOOKS = ROOT / "docs" / "runbooks"

RULES = [rules for chart in CHARTS for rules in render_rules(chart, APIS)]
BOARDS = [path for chart in CHARTS for path in sorted(chart.folder.glob("dashboards/*.yaml"))]


def parse_selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """Return the selectors of a PromQL query, which may contain Grafana's variables."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    plain = re.sub(r"\$__(rate_)?interval|\$__range", "5m", expression)
    promql_parser.walk(promql_parser.parse(plain), visit)
    return found


def parse_metrics(expression: str) -> set[str]:
    """Return the metrics that a query names."""
    return {selector.name for selector in parse_selectors(expression) if selector.name}


def list_used_metrics() -> dict[str, set[str]]:
    """Return the metrics that alerts and dashboards query, by the location of the query."""
    queries = {f"{r}: {rule.get('alert')}": rule["expr"] for r in RULES for rule in r.list_rules()}
    for path in BOARDS:
        for number, query in enumerate(dashboards.list_queries(dashboards.read_source(path))):
            queries[f"{path.name} query {number}"] = query
    return {location: parse_metrics(query) for location, query in queries.items()}


@cache
def known_metrics() -> dict[str, str]:
    """Return every metric of schemas/metrics, with the name of the file that lists it."""
    files = ((path.stem, read_yaml(path)) for path in sorted(METRICS.glob("*.yaml")))
    return {name: stem for stem, content in files for name in content["metrics"]}


def metric_family(metric: str) -> str:
    """Return the name that schemas/metrics lists for a series: a histogram's without the suffix."""
    listed = metric in known_metrics()
    suffix = next((s for s in SUFFIXES if metric.endswith(s) and not listed), "")
    return metric.removesuffix(suffix)
