"""`carbon demo`: a first model on the platform, from features to a served prediction."""

from typing import Annotated

import typer

from carbon.app import app
from carbon.console import out
from carbon.demo.steps import ZONES, started
from carbon.platform.target import NAMESPACE, Target, local


@app.command()
def demo(
    *,
    context: Annotated[
        str | None, typer.Option(help="The platform on this kubectl context, not the local one.")
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", "-n")] = NAMESPACE,
) -> None:
    """Train, register and serve a first model on the running platform (docs/first-model.md)."""
    target = Target(None, context, namespace) if context else local(namespace)
    target.check()
    with started(target) as steps:
        steps.data()
        steps.materialize()
        first = steps.train(5)
        steps.serve(**{f"v{first.version}": 100})
        for zone in ZONES:
            found = steps.predict(zone)
            out.print(f"  {zone}: {found['price']} EUR/MWh from version {found['version']}")
        second = steps.train(30, 100)
        out.print(f"  mean absolute error: {first.mae} → {second.mae} EUR/MWh")
        steps.serve(**{f"v{first.version}": 80, f"v{second.version}": 20})
        out.print(f"  60 requests by version: {dict(steps.versions())}")
        steps.serve(**{f"v{second.version}": 100})
        out.print(f"  60 requests by version: {dict(steps.versions())}")
        before = steps.drift()
        steps.data(load_shift=1.25)
        after = steps.drift()
        out.print(f"  drift of load_gw: {before}, with 25 % more load in the last days {after}")
    out.print()
    out.print("[bold]docs/first-model.md[/] walks through it by hand.")
