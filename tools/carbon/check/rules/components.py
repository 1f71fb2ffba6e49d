"""The table of components and what is drawn by default agree."""

from collections.abc import Iterator

from carbon.check.components import TABLE
from carbon.check.drawn import Drawn, Thing, labels_of
from carbon.check.findings import Fault, rule
from carbon.check.rules.selectors import selector, selects

ROW = f"Write its line in {TABLE}."


def _rows(drawn: Drawn) -> dict[str, Thing]:
    return {thing.workload: thing for thing in drawn.things if thing.pods}


@rule("components/listed", ROW, house=True)
def listed(drawn: Drawn) -> Iterator[Fault]:
    """Every workload that a chart draws by default has its line in the table of components."""
    if drawn.is_default:
        known = {row.workload for row in drawn.components}
        for workload, thing in _rows(drawn).items():
            if workload not in known:
                yield Fault(thing, ("metadata", "name"), f"{workload} has no line in {TABLE}")


@rule("components/drawn", f"Remove the line from {TABLE}, or draw it.", house=True)
def drawn_by_default(drawn: Drawn) -> Iterator[Fault]:
    """Every line of the table is drawn by default."""
    if drawn.is_default and not drawn.is_umbrella and drawn.things:
        for row in drawn.components:
            if row.workload not in _rows(drawn):
                wrong = f"{row.workload} is in {TABLE} and not drawn"
                yield Fault(drawn.things[0], (), wrong)


@rule("components/app", f"Keep the label `app` that {TABLE} says people select by.", house=True)
def app(drawn: Drawn) -> Iterator[Fault]:
    """The label `app` is the one that people there already select by."""
    rows = {row.workload: row for row in drawn.components} if drawn.is_default else {}
    for workload, thing in _rows(drawn).items():
        given = {thing.labels.get("app"), *(labels_of(pod).get("app") for pod in thing.pods)}
        if workload in rows and given != {rows[workload].app}:
            wrong = f"{workload}: the label app is {given}, not {rows[workload].app}"
            yield Fault(thing, ("metadata", "labels", "app"), wrong)


@rule("components/token", f"Leave automountServiceAccountToken as {TABLE} says.", house=True)
def token(drawn: Drawn) -> Iterator[Fault]:
    """Only who talks to the API server has a token."""
    rows = {row.workload: row for row in drawn.components} if drawn.is_default else {}
    for workload, thing in _rows(drawn).items():
        for pod in thing.pods if workload in rows else []:
            if pod["spec"].get("automountServiceAccountToken", False) != rows[workload].token:
                wrong = f"{workload}: its token is not as the table says ({rows[workload].token})"
                yield Fault(thing, ("automountServiceAccountToken",), wrong)


@rule("components/services", f"Keep the Services and ports of {TABLE}: clients use them.", True)
def services(drawn: Drawn) -> Iterator[Fault]:
    """The Services of a component and their ports are the ones that clients know."""
    rows = {row.workload: row for row in drawn.components} if drawn.is_default else {}
    for workload, thing in _rows(drawn).items():
        if workload not in rows:
            continue
        there = {
            service.name: {port.get("name"): port.get("port") for port in service.spec["ports"]}
            for service in drawn.of_kind("Service")
            if any(selects(selector(service), labels_of(pod)) for pod in thing.pods)
        }
        if there != rows[workload].services:
            wrong = f"{workload}: its Services are {there}, not {dict(rows[workload].services)}"
            yield Fault(thing, (), wrong)
