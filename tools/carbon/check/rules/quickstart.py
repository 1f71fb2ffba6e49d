"""The umbrella's own values: they fit 2 cores and 8 GiB, and every Secret is made."""

import json
from collections.abc import Iterator
from decimal import Decimal

from carbon.charts.render import Object
from carbon.check.findings import Violation, rule
from carbon.check.render.objects import RenderedChart, RenderedObject
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


def needed(chart: RenderedChart, what: str) -> Decimal:
    """All replicas, one more of whichever Deployment's surge is largest, and the test pods."""
    total, surge = Decimal(), Decimal()
    for obj, pod in chart.pods():
        if obj.kind in {"Job", "CronJob"}:
            continue  # done, or running while servers still wait for it
        each = reserved(pod, what)
        total += each * int(obj.spec.get("replicas", 1))
        rolling = (obj.spec.get("strategy") or {}).get("rollingUpdate") or {}
        if obj.kind == "Deployment" and rolling.get("maxSurge") != 0:
            surge = max(surge, each)
    return total + surge


@rule("quickstart/capacity", "Request less, or turn something off in umbrella/values.yaml.", True)
def check_capacity(chart: RenderedChart) -> Iterator[Violation]:
    """The quickstart leaves room for a rolling update and a test, and Jobs fit beside it."""
    if not (chart.is_default and chart.is_umbrella):
        return
    jobs = [pod for obj, pod in chart.pods() if obj.kind == "Job"]
    cores, memory = needed(chart, "cpu"), needed(chart, "memory")
    largest = _largest(chart)
    if cores > CORES or cores + sum(reserved(pod, "cpu") for pod in jobs) > MOST["cpu"]:
        yield Violation(
            largest, ("resources",), f"the quickstart requests {cores} cores beside Jobs"
        )
    if memory > MOST["memory"]:
        gib = memory / 2**30
        yield Violation(largest, ("resources",), f"the quickstart requests {gib:.1f} GiB")


def _largest(chart: RenderedChart) -> RenderedObject:
    return max(chart.pods(), key=lambda each: reserved(each[1], "cpu"))[0]


@rule("quickstart/secrets", "Have the credentials Job make it.", house=True)
def check_secrets(chart: RenderedChart) -> Iterator[Violation]:
    """Every Secret and key that the quickstart's pods need is made by its credentials Job."""
    if not (chart.is_default and chart.is_umbrella):
        return
    made = {
        (secret["name"], key)
        for obj in chart.of_kind("ConfigMap")
        for secret in json.loads((obj.body.get("data") or {}).get("credentials.json", "[]"))
        for key in secret["keys"]
    }
    for obj, pod in chart.pods():
        for name, key in referred(pod):
            if (name, key) not in made:
                wrong = f"{obj.identity}: nothing makes Secret {name} with {key}"
                yield Violation(obj, ("secretKeyRef",), wrong)
