"""The umbrella's own values: they fit 2 cores and 8 GiB, and every Secret is made."""

import json
from collections.abc import Iterator
from decimal import Decimal

from carbon.charts.render import Object
from carbon.check.drawn import Drawn, Thing
from carbon.check.findings import Fault, rule
from carbon.check.rules.secrets import referred

UNITS: dict[str, str | int] = {
    "": "1", "m": "0.001", "k": 1000, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30,
}  # fmt: skip
CORES = Decimal("1.8")
"""What is left of 2 cores for pods."""
MOST = {"cpu": Decimal(2), "memory": Decimal(8 * 2**30)}


def quantity(text: object) -> Decimal:
    """A Kubernetes quantity, in cores or bytes."""
    number = str(text)
    unit = next((u for u in sorted(UNITS, key=len, reverse=True) if number.endswith(u)), "")
    return Decimal(number.removesuffix(unit)) * Decimal(UNITS[unit])


def reserved(pod: Object, what: str) -> Decimal:
    """What the scheduler reserves for a pod: its containers together, or its largest init."""

    def request(container: Object) -> Decimal:
        stated = (container.get("resources") or {}).get("requests") or {}
        return quantity(stated.get(what, 0))

    inits = [request(c) for c in pod["spec"].get("initContainers") or []]
    return max([sum(map(request, pod["spec"]["containers"]), Decimal()), *inits])


def needed(drawn: Drawn, what: str) -> Decimal:
    """All replicas, one more of whichever Deployment's surge is largest, and the test pods."""
    total, surge = Decimal(), Decimal()
    for thing, pod in drawn.pods():
        if thing.kind in {"Job", "CronJob"}:
            continue  # done, or running while servers still wait for it
        each = reserved(pod, what)
        total += each * int(thing.spec.get("replicas", 1))
        rolling = (thing.spec.get("strategy") or {}).get("rollingUpdate") or {}
        if thing.kind == "Deployment" and rolling.get("maxSurge") != 0:
            surge = max(surge, each)
    return total + surge


@rule("quickstart/capacity", "Request less, or turn something off in umbrella/values.yaml.", True)
def capacity(drawn: Drawn) -> Iterator[Fault]:
    """The quickstart leaves room for a rolling update and a test, and Jobs fit beside it."""
    if not (drawn.is_default and drawn.is_umbrella):
        return
    jobs = [pod for thing, pod in drawn.pods() if thing.kind == "Job"]
    cores, memory = needed(drawn, "cpu"), needed(drawn, "memory")
    largest = _largest(drawn)
    if cores > CORES or cores + sum(reserved(pod, "cpu") for pod in jobs) > MOST["cpu"]:
        yield Fault(largest, ("resources",), f"the quickstart requests {cores} cores beside Jobs")
    if memory > MOST["memory"]:
        gib = memory / 2**30
        yield Fault(largest, ("resources",), f"the quickstart requests {gib:.1f} GiB")


def _largest(drawn: Drawn) -> Thing:
    return max(drawn.pods(), key=lambda each: reserved(each[1], "cpu"))[0]


@rule("quickstart/secrets", "Have the credentials Job make it.", house=True)
def secrets(drawn: Drawn) -> Iterator[Fault]:
    """Every Secret and key that the quickstart's pods need is made by its credentials Job."""
    if not (drawn.is_default and drawn.is_umbrella):
        return
    made = {
        (secret["name"], key)
        for thing in drawn.of_kind("ConfigMap")
        for secret in json.loads((thing.body.get("data") or {}).get("credentials.json", "[]"))
        for key in secret["keys"]
    }
    for thing, pod in drawn.pods():
        for name, key in referred(pod):
            if (name, key) not in made:
                wrong = f"{thing.identity}: nothing makes Secret {name} with {key}"
                yield Fault(thing, ("secretKeyRef",), wrong)
