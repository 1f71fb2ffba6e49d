"""What charts watch: their rules as drawn, their dashboards, and the metrics that are known."""

import re
from functools import cache

import promql_parser
from tests.charts.cases import APIS, CHARTS

from carbon.charts import dashboards
from carbon.charts.alerts import drawn
from carbon.charts.files import read_yaml
from carbon.home import ROOT

PARTS = ("_bucket", "_sum", "_count")
"""What a histogram or a summary has beside its name."""
METRICS = ROOT / "schemas" / "metrics"
RUNBOOKS = ROOT / "docs" / "runbooks"


RULES = [rules for chart in CHARTS for rules in drawn(chart, APIS)]
BOARDS = [path for chart in CHARTS for path in sorted(chart.folder.glob("dashboards/*.yaml"))]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """What a query selects series by, Grafana's variables allowed."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    plain = re.sub(r"\$__(rate_)?interval|\$__range", "5m", expression)
    promql_parser.walk(promql_parser.parse(plain), visit)
    return found


def metrics(expression: str) -> set[str]:
    """The metrics that a query names."""
    return {selector.name for selector in selectors(expression) if selector.name}


def asked() -> dict[str, set[str]]:
    """Every query of rules and dashboards, by where it stands, and the metrics it names."""
    places = {f"{r}: {rule.get('alert')}": rule["expr"] for r in RULES for rule in r.rules()}
    for path in BOARDS:
        for number, query in enumerate(dashboards.queries(dashboards.read(path))):
            places[f"{path.name} query {number}"] = query
    return {where: metrics(query) for where, query in places.items()}


@cache
def known() -> dict[str, str]:
    """Every metric of schemas/metrics and the file that lists it."""
    files = ((path.stem, read_yaml(path)) for path in sorted(METRICS.glob("*.yaml")))
    return {name: stem for stem, content in files for name in content["metrics"]}


def family(metric: str) -> str:
    """The name under which a metric is listed: a histogram's without its parts' endings."""
    ending = next((p for p in PARTS if metric.endswith(p) and metric not in known()), "")
    return metric.removesuffix(ending)
