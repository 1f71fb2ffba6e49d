"""`carbon demo`: trains and serves a first model on the platform."""

from carbon import options
from carbon.app import app
from carbon.console import out
from carbon.demo.steps import ZONES, open_demo
from carbon.platform.target import NAMESPACE, get_target


@app.command()
def demo(*, context: options.Context = None, namespace: options.Namespace = NAMESPACE) -> None:
    """Train, register and serve a first model on the running platform (docs/first-model.md)."""
    target = get_target(context, namespace)
    target.check()
    with open_demo(target) as steps:
        steps.write_data()
        steps.materialize()
        first = steps.train(5)
        steps.serve(**{f"v{first.version}": 100})
        for zone in ZONES:
            prediction = steps.predict(zone)
            price, version = prediction["price"], prediction["version"]
            out.print(f"  {zone}: {price} EUR/MWh predicted by version {version}")
        second = steps.train(30, 100)
        out.print(f"  mean absolute error: {first.mae} → {second.mae} EUR/MWh")
        steps.serve(**{f"v{first.version}": 80, f"v{second.version}": 20})
        out.print(f"  60 requests by version: {dict(steps.count_versions())}")
        steps.serve(**{f"v{second.version}": 100})
        out.print(f"  60 requests by version: {dict(steps.count_versions())}")
        before = steps.measure_drift()
        steps.write_data(load_shift=1.25)
        after = steps.measure_drift()
        out.print(f"  drift of load_gw: {before}; with 25 % more load in the last 7 days: {after}")
    out.print()
    out.print("[bold]docs/first-model.md[/] explains each step.")
